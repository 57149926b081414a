package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// printer answers in text or JSON.
type printer struct {
	out  io.Writer
	json bool
}

// print prints v as a line of JSON, or the text.
func (p *printer) print(v any, format string, args ...any) error {
	if p.json {
		return json.NewEncoder(p.out).Encode(v)
	}
	_, err := fmt.Fprintf(p.out, format, args...)
	return err
}

// shown is a name without what a terminal would obey.
func shown(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '\uFFFD'
		}
		return r
	}, name)
}

func day(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.UTC().Format("2006-01-02 15:04")
}
