package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"coffer/scripts/demo"
	"coffer/scripts/local/child"
	"coffer/scripts/local/cloud"
	"coffer/scripts/local/scratch"
	"coffer/scripts/local/statefile"
)

const (
	logPath   = out + "/coffer.log"
	readyTime = 10 * time.Minute
	stopTime  = 20 * time.Second
)

// product is `make run` on free ports and a state folder of its own.
type product struct {
	dir     string
	log     *os.File
	process *child.Process
	address string
	visitor demo.Visitor
}

// start starts the product and returns when its first backup is done.
func start(ctx context.Context) (_ *product, err error) {
	p := &product{}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	if p.dir, err = scratch.New("coffer-bench"); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(out, 0o700); err != nil {
		return nil, err
	}
	if p.log, err = os.Create(logPath); err != nil {
		return nil, err
	}
	cmd := exec.Command("dist/local/coffer", "run")
	cmd.Env = append(os.Environ(), "PORT=0", "BOX_PORT=0", "DATA="+p.dir)
	cmd.Stdout, cmd.Stderr = p.log, p.log
	if p.process, err = child.Start(cmd); err != nil {
		return nil, err
	}
	err = demo.Until(ctx, readyTime, "the first backup was done", func() (bool, error) {
		if err := p.ended(); err != nil {
			return false, err
		}
		return p.visitor.Done, statefile.Load(filepath.Join(p.dir, demo.VisitorFile), &p.visitor)
	})
	if err == nil {
		p.address, err = cloud.Address(p.dir)
	}
	return p, err
}

// ended is an error if the product has.
func (p *product) ended() error {
	select {
	case <-p.process.Done():
		return errors.New("Coffer has ended: " + p.process.Last())
	default:
		return nil
	}
}

func (p *product) close() {
	if p.process != nil {
		p.process.Stop(stopTime)
	}
	if p.log != nil {
		_ = p.log.Close()
	}
	_ = os.RemoveAll(p.dir)
}
