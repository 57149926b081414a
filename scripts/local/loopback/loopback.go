// Package loopback listens for the local cloud: on this machine's loopback
// addresses and nowhere else, and not for a web page that was tricked into
// asking.
package loopback

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// Listen listens on a TCP address such as 127.0.0.1:8080, localhost:8080 or
// 127.0.0.1:0 (a free port). An address that other machines could reach is
// refused, and a taken port is named in one sentence.
func Listen(addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("address %q should look like 127.0.0.1:8080", addr)
	}
	if !isLoopback(host) {
		return nil, fmt.Errorf("address %s is not a loopback address, and the local cloud serves this machine only", addr)
	}
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %s is taken by another program", port)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return l, nil
}

// FreePort returns the given port if nothing listens there, or any free port
// if it is 0. It is for programs that must be told their port; another program
// may take it in between.
func FreePort(port int) (int, error) {
	l, err := Listen(fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Server serves one handler on one loopback address.
type Server struct {
	URL  string // http://127.0.0.1:port
	http *http.Server
}

// Serve starts to serve h on addr; see Listen and Local.
func Serve(addr string, h http.Handler) (*Server, error) {
	l, err := Listen(addr)
	if err != nil {
		return nil, err
	}
	s := &Server{
		URL:  "http://" + l.Addr().String(),
		http: &http.Server{Handler: Local(h), ReadHeaderTimeout: 10 * time.Second},
	}
	go func() { _ = s.http.Serve(l) }() // returns when Close is called
	return s, nil
}

// Close stops to listen, gives running requests a second, and then cuts them.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		return s.http.Close()
	}
	return nil
}

// Local refuses requests whose Host is not this machine's: without it, a web
// page could point a name of its own at 127.0.0.1 and read what is served.
func Local(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if !isLoopback(strings.Trim(host, "[]")) {
			http.Error(w, "This server answers requests to localhost only.", http.StatusMisdirectedRequest)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
