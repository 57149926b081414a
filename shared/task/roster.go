package task

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/guregu/dynamo/v2"
	"github.com/klauspost/compress/zstd"

	"coffer/shared/backup"
)

const (
	// partSize is how much of a roster a row has: DynamoDB takes 400 KB.
	partSize = 380_000
	// rosterTries is how often a roster is read that another one takes the place of
	// meanwhile.
	rosterTries = 3
	// keptEntries is how many Box users the kept rosters have together at most.
	keptEntries = 400_000
	// idTime is how much of a generation is the time at which it was begun.
	idTime = 10
	// maxRoster bounds an unpacked roster, in bytes.
	maxRoster = 256 << 20
)

// Entry is what lists know of a Box user before they read its row: what they
// filter and order by. Times are exact to the millisecond.
type Entry struct {
	ID          backup.BoxUserID
	Name        string
	Login       string
	Status      backup.Status
	Items       int64
	Size        int64
	FirstBackup time.Time
	LastBackup  time.Time
	Deleted     time.Time
	Tags        []backup.TagID
}

// Entry returns what lists know of the Box user.
func (u BoxUser) Entry() Entry {
	return Entry{
		ID: u.ID, Name: u.Name, Login: u.Login, Status: u.Status, Items: u.Items, Size: u.Size,
		FirstBackup: u.FirstBackup, LastBackup: u.LastBackup, Deleted: u.Deleted, Tags: u.Tags,
	}
}

// Tagged reports whether the Box user has the tag.
func (e *Entry) Tagged(tag backup.TagID) bool { return slices.Contains(e.Tags, tag) }

// Alive reports whether nobody has deleted the backup.
func (e *Entry) Alive() bool { return e.Deleted.IsZero() }

// rosterItem is a part of a roster: all parts of a generation, one after the
// other, are zstd's of the entries.
type rosterItem struct {
	PK   string `dynamo:"PK,hash"`
	SK   string `dynamo:"SK,range"`
	Part []byte
}

func rosterKey(generation string) string { return "ROSTER#" + generation }

// rosterWriter packs a roster.
type rosterWriter struct {
	packed bytes.Buffer
	zip    *zstd.Encoder
	entry  []byte
}

func newRosterWriter() (*rosterWriter, error) {
	w := &rosterWriter{}
	var err error
	w.zip, err = zstd.NewWriter(&w.packed, zstd.WithEncoderConcurrency(1))
	return w, err
}

func (w *rosterWriter) add(e Entry) error {
	b := w.entry[:0]
	text := func(s string) { b = append(binary.AppendUvarint(b, uint64(len(s))), s...) }
	text(string(e.ID))
	text(e.Name)
	text(e.Login)
	text(string(e.Status))
	b = binary.AppendVarint(binary.AppendVarint(b, e.Items), e.Size)
	for _, at := range []time.Time{e.FirstBackup, e.LastBackup, e.Deleted} {
		var ms int64
		if !at.IsZero() {
			ms = at.UnixMilli()
		}
		b = binary.AppendVarint(b, ms)
	}
	b = binary.AppendUvarint(b, uint64(len(e.Tags)))
	for _, tag := range e.Tags {
		text(string(tag))
	}
	w.entry = b
	_, err := w.zip.Write(b)
	return err
}

// readRoster unpacks what a rosterWriter has packed.
func readRoster(packed []byte) ([]Entry, error) {
	zip, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxRoster))
	if err != nil {
		return nil, err
	}
	defer zip.Close()
	data, err := zip.DecodeAll(packed, nil)
	if err != nil {
		return nil, err
	}
	r := rosterReader{rest: data, words: map[string]string{}}
	var entries []Entry
	for len(r.rest) > 0 && !r.bad {
		e := Entry{ID: backup.BoxUserID(r.text()), Name: r.text(), Login: r.text(), Status: backup.Status(r.word()), Items: r.number(), Size: r.number()}
		e.FirstBackup, e.LastBackup, e.Deleted = r.time(), r.time(), r.time()
		for n := r.count(); n > 0 && !r.bad; n-- {
			e.Tags = append(e.Tags, backup.TagID(r.word()))
		}
		entries = append(entries, e)
	}
	if r.bad {
		return nil, errors.New("it is cut off")
	}
	return entries, nil
}

// rosterReader reads values off the front of rest; bad says that one was not
// there.
type rosterReader struct {
	rest  []byte
	words map[string]string // each that comes again and again is kept once
	bad   bool
}

func (r *rosterReader) count() uint64 {
	n, size := binary.Uvarint(r.rest)
	return n * r.skip(size)
}

func (r *rosterReader) number() int64 {
	n, size := binary.Varint(r.rest)
	return n * int64(r.skip(size)) // #nosec G115 -- 0 or 1
}

// skip goes on behind a number of that size: 1 where there was one, otherwise 0.
func (r *rosterReader) skip(size int) uint64 {
	if size <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return 1
}

func (r *rosterReader) bytes() []byte {
	n := r.count()
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *rosterReader) text() string { return string(r.bytes()) }

func (r *rosterReader) word() string {
	b := r.bytes()
	word, ok := r.words[string(b)]
	if !ok {
		word = string(b)
		r.words[word] = word
	}
	return word
}

func (r *rosterReader) time() time.Time {
	ms := r.number()
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// putRoster stores a roster that was begun at that time, and returns its
// generation and of how many parts it is. Nobody reads it until the totals say
// so.
func (t *Table) putRoster(ctx context.Context, account backup.AccountID, id backup.TaskID, w *rosterWriter, began time.Time) (string, int, error) {
	if err := w.zip.Close(); err != nil {
		return "", 0, fmt.Errorf("roster of task %s: %w", id, err)
	}
	generation, n := backup.NewSortableID(began), 0
	for part := range slices.Chunk(w.packed.Bytes(), partSize) {
		row := rosterItem{PK: partition(account, id), SK: fmt.Sprintf("%s#%04d", rosterKey(generation), n), Part: part}
		if err := t.table.Put(row).Run(ctx); err != nil {
			return "", 0, fmt.Errorf("roster of task %s: %w", id, err)
		}
		n++
	}
	return generation, n, nil
}

// dropRosters removes the rosters that were begun before that generation.
func (t *Table) dropRosters(ctx context.Context, account backup.AccountID, id backup.TaskID, generation string) error {
	var rows []struct{ PK, SK string }
	err := t.table.Get("PK", partition(account, id)).Range("SK", dynamo.Between, rosterKey(""), rosterKey(generation[:idTime])).Project("PK", "SK").All(ctx, &rows)
	for _, row := range rows {
		if err == nil {
			err = t.table.Delete("PK", row.PK).Range("SK", row.SK).Run(ctx)
		}
	}
	return wrap(err, "rosters of task %s", id)
}

// Rosters keeps the rosters of tasks at hand that were read last. The zero Rosters
// has none.
type Rosters struct {
	mu   sync.Mutex
	kept map[string]Roster // by the partition of the task
}

// Roster is a task's Box users, in the order of their ids, as they were when they
// were counted last. Nobody changes the entries.
type Roster struct {
	Entries  []Entry
	Outdated bool // a newer one is being made

	generation string
}

// Of returns the roster of a task, and false where it has none, as one of a few
// Box users. Ask is as in Totals.
func (r *Rosters) Of(ctx context.Context, t *Table, b Task) (_ Roster, found, ask bool, err error) {
	for range rosterTries {
		row, asks, err := t.stored(ctx, b)
		ask = ask || asks
		if err != nil || row.Roster == "" {
			return Roster{}, false, ask, err
		}
		roster, ok, err := r.read(ctx, t, row)
		if err != nil {
			return Roster{}, false, ask, fmt.Errorf("roster of task %s: %w", b.ID, err)
		}
		if ok {
			roster.Outdated = row.Totals.Outdated
			return roster, true, ask, nil
		}
	}
	return Roster{}, false, ask, backup.Errorf(backup.Busy, "The list of Box users is being renewed. Try again in a moment.")
}

// read returns that generation of a roster, and false where it is gone.
func (r *Rosters) read(ctx context.Context, t *Table, row totalsItem) (Roster, bool, error) {
	r.mu.Lock()
	known, ok := r.kept[row.PK]
	r.mu.Unlock()
	if ok && known.generation == row.Roster {
		return known, true, nil
	}
	var parts []rosterItem
	err := t.table.Get("PK", row.PK).Range("SK", dynamo.BeginsWith, rosterKey(row.Roster)+"#").Consistent(true).All(ctx, &parts)
	if err != nil || len(parts) != row.Parts {
		return Roster{}, false, err
	}
	var packed []byte
	for _, part := range parts {
		packed = append(packed, part.Part...)
	}
	fresh := Roster{generation: row.Roster}
	if fresh.Entries, err = readRoster(packed); err == nil {
		r.keep(row.PK, fresh)
	}
	return fresh, err == nil, err
}

// keep makes room for a roster where there are too many.
func (r *Rosters) keep(key string, fresh Roster) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil {
		r.kept = map[string]Roster{}
	}
	r.kept[key] = fresh
	entries := 0
	for _, one := range r.kept {
		entries += len(one.Entries)
	}
	for other, one := range r.kept {
		if entries > keptEntries && other != key {
			delete(r.kept, other)
			entries -= len(one.Entries)
		}
	}
}
