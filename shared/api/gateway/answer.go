package gateway

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// compressFrom is the size in bytes from which compression pays.
const compressFrom = 1400

// tag gives a successful answer to a GET an ETag, and replaces it with 304
// where the client has it already: clients poll for progress.
func (w *recorder) tag(r *http.Request) {
	if r.Method != http.MethodGet || w.status != http.StatusOK {
		return
	}
	etag := w.header.Get("ETag")
	if etag == "" {
		sum := sha256.Sum256(w.body.Bytes())
		etag = `W/"` + base64.RawURLEncoding.EncodeToString(sum[:15]) + `"`
		w.header.Set("ETag", etag)
	}
	for known := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(known), "W/") == strings.TrimPrefix(etag, "W/") {
			w.status = http.StatusNotModified
			w.body.Reset()
			w.header.Del("Content-Type")
			return
		}
	}
}

// compress packs text for clients that can unpack it.
func (w *recorder) compress(r *http.Request) {
	kind := w.header.Get("Content-Type")
	text := strings.HasPrefix(kind, "text/") || strings.Contains(kind, "json") || strings.Contains(kind, "javascript") || strings.Contains(kind, "svg")
	if !text || w.body.Len() < compressFrom || w.header.Get("Content-Encoding") != "" {
		return
	}
	w.header.Add("Vary", "Accept-Encoding")
	if !Accepts(r.Header.Get("Accept-Encoding"), "gzip") {
		return
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(w.body.Bytes()) // a buffer takes all
	z.Close()
	w.body = packed
	w.header.Set("Content-Encoding", "gzip")
	w.header.Del("Content-Length")
}

// Accepts reports whether a client that sent this Accept-Encoding can unpack the
// coding.
func Accepts(header, coding string) bool {
	for option := range strings.SplitSeq(header, ",") {
		name, quality, _ := strings.Cut(option, ";")
		if strings.TrimSpace(name) == coding {
			return !strings.HasPrefix(strings.TrimSpace(quality), "q=0") || strings.Contains(quality, "q=0.")
		}
	}
	return false
}

// Policies of what a page may load. Data is for answers that are no pages.
const (
	Page = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
		"manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
	Data = "default-src 'none'; base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'"
)

// Secure sets the headers that keep browsers strict. Policy is the
// Content-Security-Policy.
func Secure(policy string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}
