// Command local runs Coffer on this machine, without AWS: the portal and API,
// every function, and a simulated Box. `make run`, `make demo` and
// `make invoke` use it.
//
//	coffer run           start, on first start with a first backup, and stay up
//	coffer demo          back up, change, back up, restore, compare, and stop
//	coffer invoke F E    send events/F/E.json to function F of the running Coffer
//
// PORT and BOX_PORT are the ports of portal and simulated Box, DATA is the
// state folder, and IMPORT a folder of real files for the first Box user.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:]); err != nil {
		if ctx.Err() != nil { // Ctrl-C in the middle of something
			err = errors.New("stopped")
		}
		fmt.Fprintln(os.Stderr, "coffer:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string) error {
	s, err := readSettings()
	if err != nil {
		return err
	}
	switch {
	case len(args) == 1 && args[0] == "run":
		return run(ctx, s)
	case len(args) == 1 && args[0] == "demo":
		return runDemo(ctx, s)
	case len(args) == 3 && args[0] == "invoke":
		return invoke(ctx, s, args[1], args[2])
	}
	return errors.New("say run, demo, or invoke FUNCTION EVENT")
}
