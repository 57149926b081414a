package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"coffer/shared/api/gateway"
)

//go:embed static
var static embed.FS

// site serves the portal. Its assets have addresses that change when any of
// them changes, so browsers keep them for good; the page that names them is
// asked for anew each time.
type site struct {
	page   []byte
	assets map[string]asset // by address
}

type asset struct {
	kind string
	data []byte
}

// newSite reads the embedded files. The page names its assets under /assets/,
// where the site puts their version in.
func newSite() (http.Handler, error) {
	files := map[string][]byte{}
	version := sha256.New()
	err := fs.WalkDir(static, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := static.ReadFile(name)
		files[strings.TrimPrefix(name, "static/")] = data
		fmt.Fprintf(version, "%s %d\n%s", name, len(data), data)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("embedded files: %w", err)
	}
	folder := "/assets/" + hex.EncodeToString(version.Sum(nil)[:8]) + "/"
	s := &site{page: bytes.ReplaceAll(files["index.html"], []byte("/assets/"), []byte(folder)), assets: map[string]asset{}}
	delete(files, "index.html")
	for name, data := range files {
		kind := mime.TypeByExtension(path.Ext(name))
		if kind == "" {
			return nil, fmt.Errorf("embedded file %s is of no known kind", name)
		}
		s.assets[folder+name] = asset{kind, data}
	}
	return gateway.Secure(gateway.Page, s), nil
}

// ServeHTTP answers with an asset, or with the page for every address that the
// client may be at.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	case strings.HasPrefix(r.URL.Path, "/assets/"):
		a, ok := s.assets[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		send(w, r, a.kind, a.data)
	case strings.HasPrefix(r.URL.Path, "/api/"), path.Ext(r.URL.Path) != "":
		http.NotFound(w, r)
	default:
		w.Header().Set("Cache-Control", "no-cache")
		send(w, r, "text/html; charset=utf-8", s.page)
	}
}

func send(w http.ResponseWriter, r *http.Request, kind string, data []byte) {
	w.Header().Set("Content-Type", kind)
	if r.Method != http.MethodHead {
		w.Write(data)
	}
}
