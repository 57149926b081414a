package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"coffer/scripts/demo"
	"coffer/scripts/local/cloud"
	"coffer/scripts/local/scratch"
)

// runDemo shows all that Coffer does, checks it, and leaves nothing behind but
// the functions' log.
func runDemo(ctx context.Context, s settings) error {
	dir, err := scratch.New("coffer-demo")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	logPath := filepath.Join(build, "demo.log")
	log, err := os.Create(logPath)
	if err != nil {
		return err
	}
	defer log.Close()
	s.port, s.boxPort, s.data = 0, 0, dir
	if err := show(ctx, options{settings: s, users: demoUsers, files: demoFiles, log: log}, os.Stdout); err != nil {
		return fmt.Errorf("%w (the functions' log is in %s)", err, logPath)
	}
	fmt.Println("Everything is as it should be.")
	return nil
}

// show runs the whole scenario on a new machine.
func show(ctx context.Context, o options, out io.Writer) error {
	begin := time.Now()
	m, err := start(ctx, o)
	if err != nil {
		return err
	}
	defer m.close()
	for _, w := range m.cloud.Warnings {
		fmt.Fprintln(out, "Note:", w)
	}
	fmt.Fprintf(out, "Coffer is ready after %.1f s.\n", time.Since(begin).Seconds())
	scenario := demo.Scenario{
		Portal: demo.NewPortal(m.portal), Mailbox: cloud.MailPath, Person: newPerson("Northwind Optics"),
		Box: m.sim, BoxURL: m.box, Users: m.people, Administrator: m.administrator(), Out: out,
	}
	account, id, err := scenario.Run(ctx)
	if err != nil {
		return err
	}
	report, err := verify(ctx, m, account, id)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nThe vault holds %d contents of %d bytes in %d packs of %d bytes; each was decrypted and its SHA-1 compared.\n",
		report.Contents, report.Bytes, report.Packs, report.Stored)
	fmt.Fprintln(out)
	for _, f := range m.cloud.Product.Functions {
		if u := m.cloud.Functions.Usage(f.Name); u.Invocations > 0 {
			fmt.Fprintf(out, "%-8s  %3d calls in %2d processes of at most %4d MB, the largest took %3d MB\n",
				f.Name, u.Invocations, u.Starts, f.MemoryMB, u.PeakMemory>>20)
		}
	}
	for _, d := range report.Damaged {
		err = errors.Join(err, fmt.Errorf("damaged: content %s, pack %q: %w", d.Content, d.Pack, d.Err))
	}
	for _, what := range m.cloud.Refused() {
		err = errors.Join(err, errors.New("on AWS it would be refused: "+what))
	}
	return err
}
