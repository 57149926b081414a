package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"

	"coffer/shared/backup"
	"coffer/shared/vault"
)

// index finds rows in a recovery file, where they stand sorted. What is written
// to it is forgotten.
type index struct {
	*vault.Memory
	*recovery
}

// Rows implements vault.Index.
func (x *index) Rows(_ context.Context, _ vault.ID, contents []backup.Content) (map[backup.Content]vault.Row, error) {
	rows := map[backup.Content]vault.Row{}
	for _, c := range contents {
		r, there, err := x.find(c)
		if err != nil {
			return nil, err
		}
		if there {
			rows[c] = r.row()
		}
	}
	return rows, nil
}

// Walk implements vault.Index.
func (x *index) Walk(ctx context.Context, _ vault.ID, row func(vault.Row) error, _ func(vault.Progress) error) error {
	for line, err := range x.lines(x.first, x.end) {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		var c contentRecord
		if err := json.Unmarshal(line.text, &c); err != nil {
			return errCut
		}
		if err := row(c.row()); err != nil {
			return err
		}
	}
	return nil
}

// find looks for a content's line, of those that begin from low on and before
// high.
func (x *index) find(c backup.Content) (r contentRecord, there bool, err error) {
	low, high := x.first, x.end
	for low < high {
		middle := low + (high-low)/2
		at, err := x.lineFrom(low, middle)
		if err != nil {
			return r, false, err
		}
		if at >= high {
			high = middle
			continue
		}
		text, err := x.line(at)
		if err != nil {
			return r, false, err
		}
		r = contentRecord{}
		if err := json.Unmarshal(text, &r); err != nil {
			return r, false, errCut
		}
		switch order(r.content(), c) {
		case 0:
			return r, true, nil
		case -1:
			low = at + int64(len(text))
		case 1:
			high = middle
		}
	}
	return contentRecord{}, false, nil
}

// order compares contents as the recovery file sorts them.
func order(a, b backup.Content) int {
	return cmp.Or(bytes.Compare(a.SHA1[:], b.SHA1[:]), cmp.Compare(a.Size, b.Size))
}

// lineFrom returns where the first line begins that begins at from or later; at
// low one does.
func (x *index) lineFrom(low, from int64) (int64, error) {
	if from == low {
		return low, nil
	}
	text, err := x.line(from - 1) // the rest of the line before
	return from - 1 + int64(len(text)), err
}

// line reads from an offset to the end of the line.
func (x *index) line(at int64) ([]byte, error) {
	text := make([]byte, 0, 1024)
	for len(text) <= longestLine {
		piece := text[len(text):cap(text)]
		n, err := x.file.ReadAt(piece, at+int64(len(text)))
		if i := bytes.IndexByte(piece[:n], '\n'); i >= 0 {
			return text[:len(text)+i+1], nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if n == 0 {
			break
		}
		text = text[:len(text)+n]
		if len(text) == cap(text) {
			text = append(make([]byte, 0, 2*len(text)), text...)
		}
	}
	return nil, errCut
}
