package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"coffer/shared/vault"
)

// export writes a recovery file, which must not exist.
func (s *source) export(ctx context.Context, p *printer, path string, o options) (err error) {
	if s.keys == nil {
		return errors.New("a recovery file is written from the tables, not from another one")
	}
	key, err := s.keyRecord(ctx, o)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // #nosec G304 -- the person names it
	if err != nil {
		return fmt.Errorf("recovery file: %w", err)
	}
	w := newLineWriter(file)
	err = s.write(ctx, w, key)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return p.print(struct {
		File     string `json:"file"`
		Contents int64  `json:"contents"`
	}{path, w.contents}, "%s has the keys of %d contents. Keep it apart from the bucket.\n", path, w.contents)
}

// keyRecord opens the vault key and keeps it as the options say.
func (s *source) keyRecord(ctx context.Context, o options) (keyRecord, error) {
	id := s.Vault.ID()
	switch {
	case o.kms && !o.plain && o.passphrase == "":
		return keyRecord{How: kmsKey, Key: s.task.VaultKey, KMSKey: s.key}, nil
	case o.plain == (o.passphrase != "") || o.kms:
		return keyRecord{}, errors.New("say how to keep the vault key: -passphrase FILE, -kms, or -plain")
	}
	key, err := s.keys.Open(ctx, s.task.VaultKey, id.Bound())
	if err != nil || o.plain {
		return keyRecord{How: plainKey, Key: key}, err
	}
	passphrase, err := readPassphrase(o.passphrase)
	if err != nil {
		return keyRecord{}, err
	}
	return lock(id, key, passphrase)
}

func (s *source) write(ctx context.Context, w *lineWriter, key keyRecord) error {
	w.line(vaultRecord{
		Kind: vaultLine, Format: fileFormat, Account: s.task.Account, Task: s.task.ID, Name: s.task.Name,
		Enterprise: s.task.EnterpriseName, Bucket: s.bucket, Written: time.Now().UTC().Truncate(time.Second), Key: key,
	})
	// Contents last: those of a snapshot that is sealed meanwhile are there too.
	for u, err := range s.Users(ctx) {
		if err != nil {
			return err
		}
		w.line(userRecord{
			Kind: userLine, ID: u.ID, Name: u.Name, Login: u.Login, Status: u.Status, Items: u.Items, Bytes: u.Size,
			Snapshot: u.Snapshot, Catalog: u.Catalog,
		})
		for shot, err := range s.Snapshots(ctx, u) {
			if err != nil {
				return err
			}
			if shot.ID > u.Snapshot {
				continue // sealed since the catalog's place was read
			}
			w.line(snapshotRecord{
				Kind: snapshotLine, User: u.ID, ID: shot.ID, Same: shot.Same, Taken: shot.Taken, Status: shot.Status,
				Items: shot.Items, Bytes: shot.Bytes, Failed: shot.Failed,
			})
		}
	}
	if err := s.writeContents(ctx, w); err != nil {
		return err
	}
	return w.end()
}

// writeContents writes the rows sorted: it first spreads them over files by the
// SHA-1's first byte, so that it sorts a small part of them at a time.
func (s *source) writeContents(ctx context.Context, w *lineWriter) error {
	dir, err := os.MkdirTemp("", "vault-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // a temporary folder
	var spread [256]*os.File
	var buffers [256]*bufio.Writer
	for i := range spread {
		if spread[i], err = os.Create(filepath.Join(dir, fmt.Sprintf("%02x", i))); err != nil { // #nosec G304 -- in the folder just made
			return err
		}
		defer spread[i].Close() // only read again
		buffers[i] = bufio.NewWriter(spread[i])
	}
	err = s.Index.Walk(ctx, s.Vault.ID(), func(row vault.Row) error {
		return json.NewEncoder(buffers[row.Content.SHA1[0]]).Encode(recordOf(row))
	}, func(vault.Progress) error { return nil })
	if err != nil {
		return err
	}
	for i, file := range spread {
		if err := buffers[i].Flush(); err != nil {
			return err
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		var some []contentRecord
		for in := json.NewDecoder(file); in.More(); {
			var c contentRecord
			if err := in.Decode(&c); err != nil {
				return err
			}
			some = append(some, c)
		}
		slices.SortFunc(some, func(a, b contentRecord) int { return order(a.content(), b.content()) })
		for _, c := range some {
			w.line(c)
			w.contents++
		}
	}
	return nil
}

// lineWriter writes lines and adds them up. It keeps the first error for end.
type lineWriter struct {
	out      *bufio.Writer
	sum      hash.Hash
	lines    int64
	contents int64
	err      error
}

func newLineWriter(w io.Writer) *lineWriter {
	return &lineWriter{out: bufio.NewWriterSize(w, 64<<10), sum: sha256.New()}
}

func (w *lineWriter) line(v any) {
	if w.err == nil {
		w.err = json.NewEncoder(io.MultiWriter(w.out, w.sum)).Encode(v)
		w.lines++
	}
}

func (w *lineWriter) end() error {
	w.line(endRecord{Kind: endLine, Lines: w.lines, SHA256: hex.EncodeToString(w.sum.Sum(nil))})
	return errors.Join(w.err, w.out.Flush())
}
