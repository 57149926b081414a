package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"coffer/shared/backup"
	"coffer/shared/keys"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// longestLine bounds what a damaged file makes a reader hold: the row of a
// content of 10 TB is shorter.
const longestLine = 16 << 20

var errCut = errors.New("the recovery file is cut short or damaged")

// recovery is an open recovery file.
type recovery struct {
	file  io.ReaderAt
	size  int64
	head  vaultRecord
	first int64                      // offset of the first content
	end   int64                      // offset of the end line
	users map[backup.BoxUserID]int64 // offsets of what follows each
}

// readRecovery reads a recovery file once, compares its checksum, and notes
// where its parts lie.
func readRecovery(file io.ReaderAt, size int64) (*recovery, error) {
	r := &recovery{file: file, size: size, first: -1, users: map[backup.BoxUserID]int64{}}
	sum := sha256.New()
	var lines int64
	for line, err := range r.lines(0, size) {
		if err != nil {
			return nil, err
		}
		kind := line.kind()
		switch {
		case lines == 0 && kind != vaultLine:
			return nil, errors.New("the file is not a recovery file")
		case lines == 0:
			if err := json.Unmarshal(line.text, &r.head); err != nil {
				return nil, errCut
			}
			if r.head.Format != fileFormat {
				return nil, fmt.Errorf("the recovery file has format %d and this program reads %d", r.head.Format, fileFormat)
			}
		case kind == userLine:
			var u userRecord
			if err := json.Unmarshal(line.text, &u); err != nil {
				return nil, errCut
			}
			r.users[u.ID] = line.at + int64(len(line.text))
		case kind == contentLine && r.first < 0:
			r.first = line.at
		case kind == endLine:
			var end endRecord
			if err := json.Unmarshal(line.text, &end); err != nil || end.Lines != lines || end.SHA256 != hex.EncodeToString(sum.Sum(nil)) {
				return nil, errCut
			}
			if r.end = line.at; r.first < 0 {
				r.first = r.end
			}
			return r, nil
		}
		sum.Write(line.text)
		lines++
	}
	return nil, errCut
}

// line is a line with its end, and where it begins.
type line struct {
	at   int64
	text []byte
}

// kind reads the kind, which comes first in every line.
func (l line) kind() string {
	_, rest, _ := bytes.Cut(l.text, []byte(`{"kind":"`))
	kind, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(kind)
}

// lines yields the lines from one offset to another. A line is valid until the
// next one.
func (r *recovery) lines(from, to int64) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		in := bufio.NewReaderSize(io.NewSectionReader(r.file, from, to-from), 64<<10)
		var text []byte
		for at := from; at < to; at += int64(len(text)) {
			text = text[:0]
			for {
				piece, err := in.ReadSlice('\n')
				text = append(text, piece...)
				if err == nil {
					break
				}
				if !errors.Is(err, bufio.ErrBufferFull) || len(text) > longestLine {
					if errors.Is(err, io.EOF) || errors.Is(err, bufio.ErrBufferFull) {
						err = errCut
					}
					yield(line{}, err)
					return
				}
			}
			if !yield(line{at, text}, nil) {
				return
			}
		}
	}
}

// openFile reads a recovery file in place of the tables.
func (s *source) openFile(ctx context.Context, o options) error {
	if o.bucket == "" {
		return errors.New("say where the objects are: -bucket FOLDER or -bucket s3://NAME")
	}
	file, err := os.Open(o.recovery)
	if err != nil {
		return fmt.Errorf("recovery file: %w", err)
	}
	s.closes = append(s.closes, file.Close)
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("recovery file: %w", err)
	}
	r, err := readRecovery(file, info.Size())
	if err != nil {
		return err
	}
	objects, err := s.openObjects(ctx, o.bucket)
	if err != nil {
		return err
	}
	id := vault.ID{Account: r.head.Account, Task: r.head.Task}
	open := ring{id: id, key: r.head.Key, pass: o.passphrase}
	if r.head.Key.How == kmsKey {
		cfg, err := awsConfig(ctx)
		if err != nil {
			return err
		}
		open.kms = keys.New(cfg, r.head.Key.KMSKey)
	}
	s.task = task.Task{Account: id.Account, ID: id.Task, Name: r.head.Name, EnterpriseName: r.head.Enterprise}
	s.Index = &index{Memory: vault.NewMemory(), recovery: r}
	s.Users, s.Snapshots = r.boxUsers, r.snapshots
	s.Vault, err = vault.Open(ctx, id, r.head.Key.Key, objects, s.Index, open)
	return err
}

func (r *recovery) boxUsers(context.Context) iter.Seq2[task.BoxUser, error] {
	return func(yield func(task.BoxUser, error) bool) {
		for line, err := range r.lines(0, r.first) {
			if err == nil && line.kind() != userLine {
				continue
			}
			var u userRecord
			if err == nil {
				err = json.Unmarshal(line.text, &u)
			}
			if !yield(task.BoxUser{
				Account: r.head.Account, Task: r.head.Task, ID: u.ID, Name: u.Name, Login: u.Login, Status: u.Status,
				Items: u.Items, Size: u.Bytes, Snapshot: u.Snapshot, Catalog: u.Catalog,
			}, err) || err != nil {
				return
			}
		}
	}
}

func (r *recovery) snapshots(_ context.Context, u task.BoxUser) iter.Seq2[snapshot.Snapshot, error] {
	return func(yield func(snapshot.Snapshot, error) bool) {
		at, there := r.users[u.ID]
		if !there {
			return
		}
		for line, err := range r.lines(at, r.first) {
			if err == nil && line.kind() != snapshotLine {
				return
			}
			var s snapshotRecord
			if err == nil {
				err = json.Unmarshal(line.text, &s)
			}
			if !yield(snapshot.Snapshot{
				Account: r.head.Account, Task: r.head.Task, BoxUser: s.User, ID: s.ID, Same: s.Same, Taken: s.Taken,
				Status: s.Status, Items: s.Items, Bytes: s.Bytes, Failed: s.Failed,
			}, err) || err != nil {
				return
			}
		}
	}
}
