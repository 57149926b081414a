package box_test

import (
	"bytes"
	"context"
	"crypto/sha1" // #nosec G505 -- Box's checksum
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/box/boxspec"
)

// world is a simulated Box with an administrator, Ada, and a user, Bob, and a
// client that acts as Ada. Everything the client sends and gets is checked
// against Box's description, and time passes only where the client waits.
type world struct {
	*boxsim.Sim
	t        *testing.T
	url      string
	acme     *boxsim.Enterprise
	app      *boxsim.App
	ada, bob backup.BoxUserID
	config   box.Config
	client   *box.Client
}

func newWorld(t *testing.T, options boxsim.Options) *world {
	t.Helper()
	w := &world{Sim: boxsim.New(options), t: t}
	server := httptest.NewServer(w.Sim)
	t.Cleanup(server.Close)
	w.url = server.URL
	w.acme = w.AddEnterprise("Acme")
	w.ada = w.acme.AddUser("Ada", "ada@acme.example", boxsim.Admin)
	w.bob = w.acme.AddUser("Bob", "bob@acme.example", boxsim.Member)
	w.app = w.acme.AddApp("coffer", "secret")
	w.config = box.Config{
		API: server.URL, Upload: server.URL, Account: server.URL,
		HTTP:   &http.Client{Transport: boxspec.Load(t).Transport(t, server.Client().Transport)},
		Tokens: fixed(w.Token(w.ada)),
		Now:    w.Now,
		Sleep:  w.sleep,
	}
	w.client = box.New(w.config)
	return w
}

// sleep moves the simulator's clock instead of waiting.
func (w *world) sleep(ctx context.Context, d time.Duration) error {
	w.Advance(d)
	return ctx.Err()
}

// fixed is a TokenSource of one access token.
type fixed string

func (f fixed) Token(context.Context) (box.Token, error) { return box.Token{Access: string(f)}, nil }

func (f fixed) Rejected(context.Context, box.Token) error { return box.ErrDisconnected }

func newFile(parent, name string, content []byte) box.NewFile {
	return box.NewFile{
		Parent: parent, Name: name,
		Content: backup.Content{SHA1: sha1.Sum(content), Size: int64(len(content))}, // #nosec G401 -- as above
		Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(content)), nil
		},
	}
}

// must returns v and ends the test where err is not nil.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// read returns what a download gives.
func read(t *testing.T, body io.ReadCloser, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func letters(n int) []byte { return []byte(strings.Repeat("Coffer keeps it. ", n/17+1)[:n]) }
