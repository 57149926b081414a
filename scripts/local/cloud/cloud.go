// Package cloud runs the product on this machine, from the template that the
// infrastructure code synthesizes: what the template declares is what starts.
// DynamoDB Local and an S3 server run as child processes, the smaller services
// in this one, functions as processes of their own (package lambda), and
// everything listens on loopback only.
//
// What survives a restart, also after kill -9, is in one state folder, which
// one running Coffer holds at a time:
//
//	lock        who holds the folder
//	format      the version of this layout
//	dynamodb/   tables
//	s3/         buckets
//	sqs/        queues
//	kms/        keys
//	secrets/    secrets
//	mail/       e-mails sent
//	box/        the simulated Box
//	settings.json what the functions find in their environment, for commands
//	cdk.out/    the latest synthesized templates
//	tmp/        the functions' /tmp folders, emptied at start
//	*.tmp/      those of DynamoDB Local and of the synthesis, removed at the end
package cloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/sync/errgroup"

	"coffer/scripts/local/gateway"
	"coffer/scripts/local/lambda"
	"coffer/scripts/local/loopback"
	"coffer/scripts/local/rights"
	"coffer/scripts/local/statefile"
	"coffer/scripts/local/tally"
	"coffer/scripts/local/template"
	"coffer/scripts/local/trigger"
	"coffer/shared/env"
)

// Pages and calls of the local cloud itself, under the portal's address.
const (
	MailPath   = "/_local/mail"   // the e-mails sent
	LambdaPath = "/_local/lambda" // Lambda's Invoke operation
)

const account = "000000000000"

// Options are what a cloud needs.
type Options struct {
	State   *State
	Build   string // the folder that `make local` builds into
	Region  string
	Listen  net.Listener           // where the portal is served
	Portal  string                 // its address, as people write it
	Box     string                 // the address of Box's API, uploads and pages
	Secrets map[env.Setting]string // the values of secrets, by the setting that names each
	Log     io.Writer
	// Tally, if not nil, counts the functions' requests to the services.
	Tally *tally.Tally
	// Through, if not nil, returns what stands between the functions and a
	// service, named as the SDK names it, at its address.
	Through func(service, address string) (http.Handler, error)
	// Volatile keeps tables in memory. The disk under DynamoDB Local, which
	// waits for it at each write, says nothing about DynamoDB.
	Volatile bool
	// Function, if not nil, changes a function's limits before it starts, for
	// tests that cannot wait as long as the template lets it work.
	Function func(*lambda.Function)
}

// Cloud is the running product.
type Cloud struct {
	Product   *template.Product
	Functions *lambda.Host
	Warnings  []string // what the person at the machine should know
	*services

	opt     Options
	broken  chan error
	portal  *http.Server
	stop    context.CancelFunc
	closing atomic.Bool
	running sync.WaitGroup
}

// Start starts everything and returns when the portal answers.
func Start(ctx context.Context, opt Options) (*Cloud, error) {
	c := &Cloud{opt: opt, broken: make(chan error, 1)}
	if err := c.start(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *Cloud) start(ctx context.Context) error {
	state := c.opt.State
	group, starting := errgroup.WithContext(ctx)
	group.Go(func() error { return synthesize(starting, c.opt, state.Path("cdk.out")) })
	group.Go(func() (err error) {
		c.services, err = startServices(starting, c.opt)
		return err
	})
	err := group.Wait()
	if err != nil {
		return err
	}
	c.Product, err = template.Load(state.Path("cdk.out"), template.Place{
		Region: c.opt.Region, Account: account, API: c.opt.Portal, Queue: c.queueURL, Key: c.kms.Key,
	})
	if err != nil {
		return err
	}
	if err := c.provision(ctx, c.Product, c.opt.Secrets); err != nil {
		return err
	}
	if err := c.startFunctions(); err != nil {
		return err
	}
	running, stop := context.WithCancel(context.Background())
	c.stop = stop
	if err := c.startTriggers(running); err != nil {
		return err
	}
	c.watch(running)
	return c.serve()
}

// Broken gives an error if a part ends by itself, without which nothing works.
func (c *Cloud) Broken() <-chan error { return c.broken }

func (c *Cloud) watch(ctx context.Context) {
	if c.database.Exposed {
		c.Warnings = append(c.Warnings, "this Java lets other machines connect to DynamoDB Local at "+c.database.Endpoint+"; one of version 17 to 23 does not.")
	}
	go func() {
		select {
		case <-ctx.Done():
		case <-c.database.Done():
			c.broken <- errors.New("DynamoDB Local has ended unexpectedly")
		case <-c.objects.Done():
			c.broken <- errors.New("the S3 server has ended unexpectedly")
		}
	}()
}

// startFunctions makes the functions ready to be called.
func (c *Cloud) startFunctions() error {
	var functions []lambda.Function
	for _, f := range c.Product.Functions {
		functions = append(functions, lambda.Function{
			Name: f.Name, ARN: f.ARN, Folder: f.Folder, MemoryMB: f.MemoryMB, Timeout: f.Timeout,
			Environment: withName(f), Concurrency: concurrency(f),
		})
	}
	c.guard.Know(c.Product.Functions)
	if c.opt.Function != nil {
		for i := range functions {
			c.opt.Function(&functions[i])
		}
	}
	var err error
	c.Functions, err = lambda.New(lambda.Options{
		Dir: c.opt.State.Path("tmp"), Log: c.opt.Log, Environment: c.environment(c.opt.Region),
	}, functions...)
	if err != nil {
		return err
	}
	return c.saveSettings()
}

// withName returns a function's environment with its name, by which the services
// know whose requests they get.
func withName(f template.Function) map[string]string {
	out := map[string]string{rights.Setting: f.Name}
	maps.Copy(out, f.Environment)
	return out
}

// Refused returns what functions wanted to do and have no right to.
func (c *Cloud) Refused() []string { return c.guard.Refused() }

// saveSettings keeps the functions' settings, of all together, for commands
// that read what the running product has stored.
func (c *Cloud) saveSettings() error {
	settings := c.environment(c.opt.Region)
	for _, f := range c.Product.Functions {
		maps.Copy(settings, f.Environment)
	}
	return statefile.Save(c.opt.State.Path("settings.json"), settings)
}

// concurrency is how many environments of a function may run: as many as the
// template reserves, within what one machine can bear.
func concurrency(f template.Function) int {
	bearable := 8 * runtime.NumCPU()
	if f.Concurrency > 0 {
		return min(f.Concurrency, bearable)
	}
	return bearable
}

// startTriggers polls the queues and starts the schedules.
func (c *Cloud) startTriggers(ctx context.Context) error {
	urls := map[string]string{}
	for _, q := range c.Product.Queues {
		urls[q.ARN] = q.URL
	}
	for _, m := range c.Product.Mappings {
		q := &trigger.Queue{
			Client: c.sqsClient(), URL: urls[m.Queue], ARN: m.Queue, Region: c.opt.Region,
			Batch: m.Batch, Window: m.Window, Concurrency: m.Concurrency, ReportFailures: m.ReportFailures,
			Invoke: c.invoke(m.Function), Failed: c.failed(m.Function, "messages stay in the queue"),
		}
		c.running.Go(func() { q.Run(ctx) })
	}
	for _, s := range c.Product.Schedules {
		times, err := trigger.ParseTimes(s.Expression)
		if err != nil {
			return err
		}
		zone, err := time.LoadLocation(s.Zone)
		if err != nil {
			return fmt.Errorf("schedule %s: %w", s.ID, err)
		}
		t := &trigger.Schedule{
			ARN: s.ARN, Times: times, Zone: zone, Input: s.Input,
			Invoke: c.invoke(s.Function), Failed: c.failed(cmp.Or(s.Function, s.ID), "the schedule's next time will do"),
		}
		if s.Queue != "" {
			t.Invoke = c.sender(s.Queue)
		}
		c.running.Go(func() { t.Run(ctx) })
	}
	return nil
}

func (c *Cloud) invoke(function string) trigger.Invoke {
	return func(ctx context.Context, event []byte) ([]byte, error) {
		return c.Functions.Invoke(ctx, function, event)
	}
}

// sender sends events to a queue.
func (c *Cloud) sender(url string) trigger.Invoke {
	return func(ctx context.Context, event []byte) ([]byte, error) {
		_, err := c.sqsClient().SendMessage(ctx, &awssqs.SendMessageInput{QueueUrl: &url, MessageBody: new(string(event))})
		return nil, err
	}
}

func (c *Cloud) failed(function, then string) func(error) {
	return func(err error) {
		if !c.closing.Load() {
			c.Functions.Note(function, "%v; %s", err, then)
		}
	}
}

// serve serves the portal, the mailbox page and Lambda's Invoke operation.
func (c *Cloud) serve() error {
	var routes []gateway.Route
	for _, r := range c.Product.Routes {
		routes = append(routes, gateway.Route{Key: r.Key, Function: r.Function, Timeout: r.Timeout})
	}
	g, err := gateway.New(gateway.Options{
		Account: account, API: "local", Now: time.Now, Invoke: c.Functions.Invoke,
		Failed: func(function string, err error) { c.Functions.Note(function, "%v", err) },
	}, routes)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", g)
	mux.Handle(MailPath, http.StripPrefix(MailPath, c.mailbox))
	mux.Handle(MailPath+"/", http.StripPrefix(MailPath, c.mailbox))
	mux.Handle(LambdaPath+"/", http.NewCrossOriginProtection().Handler(http.StripPrefix(LambdaPath, c.Functions.Handler())))
	c.portal = &http.Server{Handler: loopback.Local(mux), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = c.portal.Serve(c.opt.Listen) }() // returns when Close is called
	return nil
}

// Close stops everything and returns when no child process is left.
func (c *Cloud) Close() {
	c.closing.Store(true)
	if c.stop != nil {
		c.stop()
	}
	if c.portal != nil {
		_ = c.portal.Close()
	}
	if c.Functions != nil {
		c.Functions.Close()
	}
	c.running.Wait()
	if c.services != nil {
		c.close()
	}
}
