// Command boxsim runs the Box simulator alone, for trying Box clients and
// Coffer itself against it. It prints how to reach it as JSON on its first
// line and serves until it is interrupted.
//
//	go run ./scripts/boxsim -addr 127.0.0.1:8090 -seed 1 -users 12 -files 50
//	go run ./scripts/boxsim -users 1 -files 0 -mass 1000000 -wide 200000
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"coffer/scripts/local/loopback"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/box/boxsim/proxy"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "boxsim:", err)
		os.Exit(1)
	}
}

type settings struct {
	addr, folder, state string
	proxy, ca           string
	seed                uint64
	users, files        int
	mass, wide          int
	sparse              int64
	latency             time.Duration
	limits              bool
}

func parse(args []string) (settings, error) {
	var s settings
	set := flag.NewFlagSet("boxsim", flag.ContinueOnError)
	set.StringVar(&s.addr, "addr", "127.0.0.1:8090", "loopback `address` to listen on")
	set.Uint64Var(&s.seed, "seed", 1, "what everything made up depends on")
	set.IntVar(&s.users, "users", 12, "users of the enterprise")
	set.IntVar(&s.files, "files", 50, "files of each user")
	set.IntVar(&s.mass, "mass", 0, "files to give to the first user besides, in folders of all depths; a million take seconds and a gigabyte of memory")
	set.IntVar(&s.wide, "wide", 0, "files to give to the first user besides, in one folder")
	set.Int64Var(&s.sparse, "sparse", 0, "size in `bytes` of one file of the first user whose bytes repeat; 100 GB take a minute, for their SHA-1")
	set.DurationVar(&s.latency, "latency", 0, "time added to every call")
	set.BoolVar(&s.limits, "limits", false, "enforce Box's limits per minute")
	set.StringVar(&s.folder, "import", "", "`folder` of files to give to the first user, instead of made-up ones")
	set.StringVar(&s.state, "state", "", "`file` that keeps everything over restarts, with contents in a folder beside it")
	set.StringVar(&s.proxy, "proxy", "", "loopback `address` of a proxy for clients that know only Box's own hosts")
	set.StringVar(&s.ca, "ca", "", "`file` that the proxy's certificate authority is written to")
	if err := set.Parse(args); err != nil {
		return s, err
	}
	if set.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", set.Arg(0))
	}
	if (s.proxy == "") != (s.ca == "") {
		return s, errors.New("-proxy and -ca go together")
	}
	if s.users < 1 {
		return s, errors.New("-users must be at least 1")
	}
	return s, nil
}

// greeting is the first line of output.
type greeting struct {
	URL          string             `json:"url"`
	AccessToken  string             `json:"access_token"` // of an administrator, for an hour
	EnterpriseID string             `json:"enterprise_id"`
	Users        []backup.BoxUserID `json:"users"` // the first is the administrator
	ClientID     string             `json:"client_id"`
	ClientSecret string             `json:"client_secret"`
	Proxy        string             `json:"proxy,omitempty"`
}

func run(ctx context.Context, args []string, out io.Writer) error {
	set, err := parse(args)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, "-addr", set.addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	options := boxsim.Options{Seed: set.seed, Latency: set.latency, Limits: set.limits}
	if set.state != "" {
		options.Dir = set.state + ".contents"
	}
	sim := boxsim.New(options)
	hello, err := prepare(sim, set)
	if err != nil {
		return err
	}
	hello.URL = "http://" + listener.Addr().String()
	if set.proxy != "" {
		closeProxy, err := serveProxy(ctx, sim, set)
		if err != nil {
			return err
		}
		defer closeProxy()
		hello.Proxy = "http://" + set.proxy
	}
	if err := json.NewEncoder(out).Encode(hello); err != nil {
		return err
	}
	server := &http.Server{Handler: loopback.Local(sim), ReadHeaderTimeout: 10 * time.Second}
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return sim.Flush()
}

// serveProxy writes the authority's certificate, then serves the proxy until
// the returned function is called.
func serveProxy(ctx context.Context, sim *boxsim.Sim, set settings) (func(), error) {
	p, err := proxy.New(sim)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(set.ca, p.CA(), 0o600); err != nil {
		return nil, fmt.Errorf("-ca: %w", err)
	}
	listener, err := listen(ctx, "-proxy", set.proxy)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // returns when it is closed
	return func() { _ = server.Close() }, nil
}

// listen refuses addresses that others could reach: the simulator gives tokens
// to whoever asks.
func listen(ctx context.Context, flag, addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s %s: only loopback addresses are served", flag, addr)
	}
	return (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
}

const enterpriseName = "Acme"

// prepare loads the state or makes the enterprise.
func prepare(sim *boxsim.Sim, set settings) (greeting, error) {
	loaded := false
	if set.state != "" {
		var err error
		if loaded, err = sim.Keep(set.state); err != nil {
			return greeting{}, err
		}
	}
	if !loaded {
		if err := populate(sim, set); err != nil {
			return greeting{}, err
		}
		if err := sim.Flush(); err != nil {
			return greeting{}, err
		}
	}
	if set.mass+set.wide == 0 { // of a large account, a copy to go back to would cost more than a new start
		if err := sim.Mark(); err != nil {
			return greeting{}, err
		}
	}
	acme, ok := sim.FindEnterprise(enterpriseName)
	if !ok || len(acme.Apps()) == 0 || len(acme.Users()) == 0 {
		return greeting{}, fmt.Errorf("%s was not made by this program", set.state)
	}
	app, users := acme.Apps()[0], acme.Users()
	return greeting{
		AccessToken: sim.Token(users[0]), EnterpriseID: acme.ID, Users: users,
		ClientID: app.ClientID, ClientSecret: app.ClientSecret,
	}, nil
}

// populate makes the enterprise and gives each user content.
func populate(sim *boxsim.Sim, set settings) error {
	made := sim.Populate(boxsim.Plan{Name: enterpriseName, Seed: set.seed, Users: set.users})
	for i, user := range made.Users {
		if i == 0 && set.folder != "" {
			if _, err := sim.Import(user, backup.RootFolder, os.DirFS(set.folder)); err != nil {
				return err
			}
			continue
		}
		sim.PopulateUser(user, boxsim.Plan{Seed: set.seed + uint64(i), Files: set.files}) // #nosec G115 -- an index
	}
	if set.mass+set.wide > 0 {
		if _, err := sim.Grow(made.Users[0], boxsim.Mass{Seed: set.seed, Files: set.mass, Wide: set.wide}); err != nil {
			return err
		}
	}
	if set.sparse > 0 {
		_, err := sim.UploadSparse(made.Users[0], backup.RootFolder, "Sparse.img", set.sparse, set.seed)
		return err
	}
	return nil
}
