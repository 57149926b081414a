package loopback_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"coffer/scripts/local/loopback"
)

func TestListenRefusesWhatOthersCouldReach(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0", "127.0.0.1"} {
		l, err := loopback.Listen(addr)
		if err == nil {
			l.Close()
			t.Errorf("Listen(%q) listened", addr)
		}
	}
}

func TestTakenPortIsOneSentence(t *testing.T) {
	t.Parallel()
	l, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = loopback.Listen(l.Addr().String())
	if err == nil || !strings.HasSuffix(err.Error(), "is taken by another program") {
		t.Errorf("second listener got %v", err)
	}
}

func TestRequestForAnotherHostIsRefused(t *testing.T) {
	t.Parallel()
	s, err := loopback.Serve("127.0.0.1:0", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "secret")
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for host, want := range map[string]int{"": 200, "localhost:8080": 200, "[::1]:8080": 200, "rebound.example.com": 421} {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", s.URL, nil)
		req.Host = host
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("Host %q got %d, want %d", host, res.StatusCode, want)
		}
	}
}
