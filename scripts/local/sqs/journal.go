package sqs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"
)

// compactAfter is how many records beyond twice those that still matter the
// journal may hold.
const compactAfter = 10_000

// The operations of the journal.
const (
	opQueue   = "queue"   // exists, with these attributes and tags
	opDrop    = "drop"    // the queue is gone
	opPurge   = "purge"   // its messages are gone
	opSend    = "send"    // a message is in the queue
	opReceive = "receive" // a message was received so often
	opDelete  = "delete"  // a message is gone
)

// record is one line of the journal.
type record struct {
	Op         string            `json:"op"`
	Queue      string            `json:"q"`
	Attributes map[string]string `json:"attributes,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
	Created    time.Time         `json:"created,omitzero"`
	Modified   time.Time         `json:"modified,omitzero"`
	Message    *message          `json:"m,omitempty"`
	ID         string            `json:"id,omitempty"`
	Received   int               `json:"n,omitempty"`
	First      time.Time         `json:"first,omitzero"`
}

// journal is the file that records are appended to.
type journal struct {
	file    *os.File
	size    int64
	records int
}

// append writes records with one call, so that a killed process leaves all of
// them, or at worst a last line that replay can tell is torn.
func (j *journal) append(records []record) error {
	var b bytes.Buffer
	lines := json.NewEncoder(&b)
	lines.SetEscapeHTML(false)
	for _, r := range records {
		if err := lines.Encode(r); err != nil {
			return err
		}
	}
	if _, err := j.file.Write(b.Bytes()); err != nil {
		// A torn line in the middle would hide all that follows it.
		return errors.Join(fmt.Errorf("journal: %w", err), j.file.Truncate(j.size))
	}
	j.size += int64(b.Len())
	j.records += len(records)
	return nil
}

// compact replaces the journal by one that holds only what still matters. If it
// fails, the journal is as it was.
func (j *journal) compact(records iter.Seq[record]) error {
	path := j.file.Name()
	n, err := writeNew(path+".new", records)
	if err != nil {
		return fmt.Errorf("compact the journal: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	next, err := openJournal(path)
	if err != nil {
		return err
	}
	next.records = n
	old := j.file
	*j = *next
	return old.Close()
}

// writeNew writes a whole journal and returns how many records it has.
func writeNew(path string, records iter.Seq[record]) (n int, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	b := bufio.NewWriterSize(f, 1<<20)
	lines := json.NewEncoder(b)
	lines.SetEscapeHTML(false)
	for r := range records {
		if err := lines.Encode(r); err != nil {
			return 0, err
		}
		n++
	}
	if err := b.Flush(); err != nil {
		return 0, err
	}
	return n, f.Sync() // or the new name could survive a crash that the bytes do not
}

func openJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &journal{file: f, size: info.Size()}, nil
}

// replay rebuilds the queues from the journal at path and returns it compacted.
func (s *Server) replay(path string) (*journal, error) {
	damaged := func(line int, err error) error {
		return fmt.Errorf("%s is damaged in line %d (%w): delete it, or the whole state folder, to start afresh", path, line, err)
	}
	old, err := os.Open(filepath.Clean(path))
	if err == nil {
		defer old.Close()
		lines := bufio.NewReaderSize(old, 1<<20)
		for n := 1; ; n++ {
			line, err := lines.ReadBytes('\n')
			if err == io.EOF {
				break // what is left over is a line that was never acknowledged
			}
			if err != nil {
				return nil, err
			}
			var r record
			if err := json.Unmarshal(line, &r); err != nil {
				return nil, damaged(n, err)
			}
			if err := s.apply(r); err != nil {
				return nil, damaged(n, err)
			}
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	j, err := openJournal(path)
	if err != nil {
		return nil, err
	}
	return j, j.compact(s.snapshot())
}

// apply makes the change that a record tells of.
func (s *Server) apply(r record) error {
	if r.Op == opQueue {
		q, ok := s.queues[r.Queue]
		if !ok {
			q = newQueue(r.Queue, r.Created)
			s.queues[r.Queue] = q
		}
		q.attributes, q.tags, q.modified = copied(r.Attributes), copied(r.Tags), r.Modified
		return nil
	}
	q, ok := s.queues[r.Queue]
	if !ok {
		return fmt.Errorf("no queue %q", r.Queue)
	}
	m := q.messages[r.ID]
	switch r.Op {
	case opDrop:
		delete(s.queues, r.Queue)
	case opPurge:
		q.clear()
	case opSend:
		if r.Message == nil {
			return errors.New("no message")
		}
		q.add(r.Message, r.Message.Sent) // still waiting if it was delayed; tidied before it is used
	case opReceive:
		if m != nil {
			m.Received, m.First = r.Received, r.First
		}
	case opDelete:
		if m != nil {
			q.remove(m)
		}
	default:
		return fmt.Errorf("unknown operation %q", r.Op)
	}
	return nil
}

// snapshot lists what still matters, messages in the order of their arrival.
func (s *Server) snapshot() iter.Seq[record] {
	return func(yield func(record) bool) {
		for _, q := range s.queues {
			if !yield(q.record()) {
				return
			}
			for _, m := range q.inOrder() {
				copied := *m
				if m.state == flying {
					copied.Until = time.Time{} // visible again
				}
				if !yield(record{Op: opSend, Queue: q.name, Message: &copied}) {
					return
				}
			}
		}
	}
}

func (q *queue) record() record {
	return record{Op: opQueue, Queue: q.name, Attributes: q.attributes, Tags: q.tags, Created: q.created, Modified: q.modified}
}
