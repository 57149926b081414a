package lambda

import (
	"bytes"
	"io"
	"sync"
)

// maxLine bounds what is kept of a line that does not end.
const maxLine = 256 << 10

// logger writes whole lines behind the function's name.
type logger struct {
	mu    sync.Mutex
	to    io.Writer
	width int
}

func newLogger(to io.Writer, functions []Function) *logger {
	l := &logger{to: to}
	for _, f := range functions {
		l.width = max(l.width, len(f.Name))
	}
	return l
}

// lines returns a writer for one process of a function.
func (l *logger) lines(name string) *lineWriter {
	prefix := append([]byte(name), bytes.Repeat([]byte(" "), max(0, l.width-len(name)))...)
	return &lineWriter{log: l, prefix: append(prefix, " | "...)}
}

// lineWriter cuts what a process writes into lines.
type lineWriter struct {
	log    *logger
	prefix []byte

	mu   sync.Mutex
	rest []byte // of a line not yet ended
}

// Write implements io.Writer.
func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = append(w.rest, p...)
	for {
		line, rest, found := bytes.Cut(w.rest, []byte("\n"))
		if !found && len(w.rest) < maxLine {
			return len(p), nil
		}
		w.put(line)
		w.rest = append([]byte(nil), rest...)
	}
}

// flush writes what is left of a process that has ended.
func (w *lineWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.rest) > 0 {
		w.put(w.rest)
		w.rest = nil
	}
}

func (w *lineWriter) put(line []byte) {
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	_, _ = w.log.to.Write(append(append(bytes.Clone(w.prefix), line...), '\n')) // nowhere to report it
}
