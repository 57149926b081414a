package main

import (
	"bytes"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"coffer/shared/api/gateway"
)

// What Vite builds from the folder client lies in static/site. It is not in the
// repository, so the embedded folder may hold nothing but its .gitignore.
//
//go:embed all:static
var static embed.FS

// placeholder is where vite.config.ts has the nonce of the page's styles put.
const placeholder = "NONCE"

// nothing is the problem document of an address that no operation of the API has.
const nothing = `{"title":"Not Found","status":404,"detail":"There is nothing at this address."}` + "\n"

// site serves the portal. The names of its assets change with their content,
// so browsers keep them for good; the page that names them is asked for anew
// each time.
type site struct {
	page  []byte
	files map[string]file // by address
}

type file struct {
	kind string
	data []byte
}

// newSite reads the embedded files.
func newSite() (http.Handler, error) {
	built, err := fs.Sub(static, "static/site")
	if err != nil {
		return nil, fmt.Errorf("embedded files: %w", err)
	}
	s := &site{files: map[string]file{}}
	if s.page, err = fs.ReadFile(built, "index.html"); errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("the portal is not built into this function: run make client, then build it again")
	} else if err != nil {
		return nil, fmt.Errorf("embedded page: %w", err)
	}
	err = fs.WalkDir(built, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir // Vite's notes for the tests
		case entry.IsDir() || name == "index.html":
			return nil
		}
		kind := mime.TypeByExtension(path.Ext(name))
		if kind == "" {
			return fmt.Errorf("%s is of no known kind", name)
		}
		data, err := fs.ReadFile(built, name)
		s.files["/"+name] = file{kind, data}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("embedded files: %w", err)
	}
	return gateway.Secure(gateway.Page, s), nil
}

// ServeHTTP answers with a file, or with the page for every address that the
// client may be at.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, known := s.files[r.URL.Path]
	switch {
	case strings.HasPrefix(r.URL.Path, "/api/"):
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, nothing)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	case known && strings.HasPrefix(r.URL.Path, "/assets/"):
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		send(w, r, f.kind, f.data)
	case known:
		w.Header().Set("Cache-Control", "public, max-age=3600")
		send(w, r, f.kind, f.data)
	case path.Ext(r.URL.Path) != "":
		http.NotFound(w, r)
	default:
		s.sendPage(w, r)
	}
}

// sendPage sends the page with a nonce of its own. The client's components
// write styles at run time, and the nonce is what tells the browser that they
// are ours; scripts come from our files alone and need none.
func (s *site) sendPage(w http.ResponseWriter, r *http.Request) {
	nonce := rand.Text()
	h := w.Header()
	h.Set("Content-Security-Policy", strings.Replace(gateway.Page, "style-src 'self'", "style-src 'self' 'nonce-"+nonce+"'", 1))
	h.Set("Cache-Control", "no-store")
	send(w, r, "text/html; charset=utf-8", bytes.ReplaceAll(s.page, []byte(placeholder), []byte(nonce)))
}

func send(w http.ResponseWriter, r *http.Request, kind string, data []byte) {
	w.Header().Set("Content-Type", kind)
	if r.Method != http.MethodHead {
		w.Write(data)
	}
}
