package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"testing"
)

// Budgets of what a browser loads for its first page, in compressed bytes.
const (
	maxScripts = 250 << 10
	maxStyles  = 60 << 10
	minPages   = 15 // fewer mean that the routes are not split
)

// chunk is one of Vite's manifest.
type chunk struct {
	File           string   `json:"file"`
	IsEntry        bool     `json:"isEntry"`
	IsDynamicEntry bool     `json:"isDynamicEntry"`
	Imports        []string `json:"imports"`
	CSS            []string `json:"css"`
}

func TestFirstLoadOfEachPageStaysWithinItsBudget(t *testing.T) {
	t.Parallel()
	data, err := static.ReadFile("static/site/.vite/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var chunks map[string]chunk
	if err := json.Unmarshal(data, &chunks); err != nil {
		t.Fatal(err)
	}
	entry, pages := "", 0
	for name, c := range chunks {
		if c.IsEntry {
			entry = name
		}
	}
	for name, c := range chunks {
		if !c.IsDynamicEntry {
			continue
		}
		pages++
		files := map[string]bool{}
		collect(chunks, entry, files)
		collect(chunks, name, files)
		scripts, styles := 0, 0
		for f := range files {
			if f[len(f)-3:] == "css" {
				styles += compressed(t, f)
			} else {
				scripts += compressed(t, f)
			}
		}
		t.Logf("%s: %d KB of scripts, %d KB of styles", name, scripts>>10, styles>>10)
		if scripts > maxScripts || styles > maxStyles {
			t.Errorf("%s loads %d bytes of scripts and %d of styles; at most %d and %d", name, scripts, styles, maxScripts, maxStyles)
		}
	}
	if pages < minPages {
		t.Errorf("%d pages are loaded on their own, want at least %d", pages, minPages)
	}
}

// collect adds the files that loading a chunk loads.
func collect(chunks map[string]chunk, name string, files map[string]bool) {
	c := chunks[name]
	if files[c.File] {
		return
	}
	files[c.File] = true
	for _, f := range c.CSS {
		files[f] = true
	}
	for _, i := range c.Imports {
		collect(chunks, i, files)
	}
}

func compressed(t *testing.T, name string) int {
	t.Helper()
	data, err := static.ReadFile("static/site/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data)
	w.Close()
	return b.Len()
}
