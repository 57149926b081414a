// Command bench measures the product on this machine, as `make bench` does. It
// prints tables and writes them as JSON into dist/bench.
//
//	go run ./scripts/bench [-quick] [-readme]     everything, after make local
//	go run ./scripts/bench api [operation...]     the API, or some operations of it
//	go run ./scripts/bench crowd                  200 administrators for ten minutes
//	go run ./scripts/bench [-quick] [-million] backups [piece...]
//
// Backups are measured against rclone and a plain crawl: see package backups.
// Its pieces are contests and accounts, such as limits, free/rclone, large or
// growth/1000; the report keeps what it has of others.
//
// For the API it starts Coffer with the demo enterprise, a first backup and a
// restore, on free ports and a state folder of its own, and calls every
// operation of the API's document, one call after the other, through the HTTP
// front, the functions' processes and DynamoDB Local.
//
// What the document says is what is called: a read that needs no more than ids
// is measured without further words, anything else needs a way to call it
// (ways.go), without which this program fails and names the operation.
//
// The time is that of one HTTP exchange, from the request to the answer's last
// byte, with the compression that browsers ask for. Functions are warm, since
// setting up has called them; what else a call needs, such as the backup that
// it cancels, is done before and not counted. The target is reported, never
// asserted: how fast a machine is says nothing about the code.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"coffer/scripts/bench/backups"
	"coffer/scripts/local/statefile"
)

const (
	out    = "dist/bench"          // for results and the product's log
	target = 50 * time.Millisecond // of each operation's 95th percentile
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		if ctx.Err() != nil { // Ctrl-C in the middle of something
			err = errors.New("stopped")
		}
		fmt.Fprintf(os.Stderr, "bench: %v (the functions' logs are in %s)\n", err, out)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, args []string) error {
	if len(args) > 0 && args[0] == "crawl" { // this program is its own rival
		return backups.Crawl(ctx, args[1:])
	}
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	o := backups.Options{Machine: describe()}
	set.BoolVar(&o.Quick, "quick", false, "smaller accounts, in minutes")
	set.BoolVar(&o.Million, "million", false, "an account of 1,000,000 files besides, in an hour or two")
	set.StringVar(&o.Out, "out", out, "`folder` for the results and logs of backups")
	readme := set.Bool("readme", false, "write the tables of backups into README.md")
	if err := set.Parse(args); err != nil {
		return err
	}
	what, rest := "", set.Args()
	if len(rest) > 0 {
		what, rest = rest[0], rest[1:]
	}
	if what == "" || what == "api" {
		if err := bench(ctx, w, rest); err != nil {
			return err
		}
	}
	switch what {
	case "api":
		return nil
	case "crowd":
		return measureCrowd(ctx, w, 10*time.Minute)
	case "", "backups":
		o.Only = rest
		report, err := backups.Measure(ctx, w, o)
		if err != nil || !*readme {
			return err
		}
		return backups.WriteReadme("README.md", report)
	}
	return fmt.Errorf("there is nothing called %s to measure: api, crowd or backups", what)
}

// bench starts the product, measures every operation, or only those named, and
// reports.
func bench(ctx context.Context, w io.Writer, only []string) error {
	p, err := start(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	h, err := enter(ctx, p)
	if err != nil {
		return err
	}
	steps, err := plan(h.operations, only)
	if err != nil {
		return err
	}
	r := report{Machine: describe(), Began: time.Now().UTC(), Target: milliseconds(target)}
	fmt.Fprintf(w, "Every operation of the API on %s, in milliseconds.\n", r.Machine)
	var last kind
	for _, s := range steps {
		if s.kind != last {
			heading(w, s.kind)
			last = s.kind
		}
		samples, err := h.measure(ctx, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.op.ID, err)
		}
		done := summarize(s, samples)
		r.Operations = append(r.Operations, done)
		done.print(w)
	}
	r.conclude(w)
	if len(only) == 0 {
		if r.Crowd, err = h.admit(ctx, p.visitor.Person, w, time.Minute); err != nil {
			return err
		}
	}
	return statefile.Save(out+"/api.json", r)
}
