package pruner_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"coffer/scripts/local/localtest"
	"coffer/shared/backup"
	"coffer/shared/vault"
)

var (
	seeds = flag.Int("prune.seeds", 40, "how many histories of backups and prunes to play")
	seed  = flag.Int64("prune.seed", 1, "the first history's seed")
)

// errKilled is what every call gives after the one at which a process was killed.
var errKilled error = killed{}

type killed struct{}

func (killed) Error() string { return "planned end of the process" }

// RetryableError keeps the AWS SDK from trying again, which takes seconds.
func (killed) RetryableError() bool { return false }

// fate decides at which call a pruner dies, and what happens in between.
type fate struct {
	mu      sync.Mutex
	calls   int
	at      int  // the call to die at, from 1; 0 means never
	before  bool // whether the call has no effect
	late    int  // the call from which on there is no time left; 0 means never
	between func()
	noted   func() // once, when what is needed is known and nothing is removed yet
}

// until is a context whose deadline comes with a call.
type until struct {
	context.Context
	*fate
}

func (u until) Deadline() (time.Time, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.late > 0 && u.calls >= u.late {
		return time.Now(), true
	}
	return time.Now().Add(time.Hour), true
}

// call does a call, unless the process is dead.
func (f *fate) call(effect func() error) error {
	f.mu.Lock()
	f.calls++
	n := f.calls
	if f.at == 0 || n < f.at {
		f.between()
		f.mu.Unlock()
		return effect()
	}
	f.mu.Unlock()
	if n == f.at && !f.before {
		if err := effect(); err != nil {
			return err
		}
	}
	return errKilled
}

// Do makes fate the client of DynamoDB.
func (f *fate) Do(r *http.Request) (answer *http.Response, err error) {
	err = f.call(func() error {
		answer, err = http.DefaultClient.Do(r)
		return err
	})
	if errors.Is(err, errKilled) && answer != nil {
		err = errors.Join(err, answer.Body.Close())
		answer = nil
	}
	return answer, err
}

// mortal is a configuration whose every call goes through fate.
func (f *fate) mortal(cfg aws.Config) aws.Config {
	cfg = cfg.Copy()
	cfg.HTTPClient = f
	return cfg
}

// fatedObjects and fatedIndex are those of a process that may be killed.
type fatedObjects struct {
	vault.Objects
	*fate
}

func (o fatedObjects) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, sum [sha256.Size]byte) error {
	return o.call(func() error { return o.Objects.Put(ctx, key, body, size, sum) })
}

func (o fatedObjects) Get(ctx context.Context, key string, offset, length int64) (r io.ReadCloser, err error) {
	return r, o.call(func() error { r, err = o.Objects.Get(ctx, key, offset, length); return err })
}

func (o fatedObjects) Delete(ctx context.Context, key string) error {
	return o.call(func() error { return o.Objects.Delete(ctx, key) })
}

func (o fatedObjects) List(ctx context.Context, prefix string, visit func(string, int64, time.Time) error) error {
	return o.call(func() error { return o.Objects.List(ctx, prefix, visit) })
}

type fatedIndex struct {
	vault.Index
	*fate
}

func (x fatedIndex) Walk(ctx context.Context, id vault.ID, row func(vault.Row) error, progress func(vault.Progress) error) error {
	return x.call(func() error { return x.Index.Walk(ctx, id, row, progress) })
}

func (x fatedIndex) Section(ctx context.Context, id vault.ID, first byte, row func(vault.Row) error) error {
	if noted := x.noted; noted != nil {
		x.noted = nil
		noted()
	}
	return x.call(func() error { return x.Index.Section(ctx, id, first, row) })
}

func (x fatedIndex) Condemn(ctx context.Context, id vault.ID, c backup.Content, at time.Time) error {
	return x.call(func() error { return x.Index.Condemn(ctx, id, c, at) })
}

func (x fatedIndex) Rescue(ctx context.Context, id vault.ID, c backup.Content) error {
	return x.call(func() error { return x.Index.Rescue(ctx, id, c) })
}

func (x fatedIndex) Remove(ctx context.Context, id vault.ID, r vault.Row) error {
	return x.call(func() error { return x.Index.Remove(ctx, id, r) })
}

func (x fatedIndex) Move(ctx context.Context, id vault.ID, r vault.Row, to []vault.Part) error {
	return x.call(func() error { return x.Index.Move(ctx, id, r, to) })
}

func (x fatedIndex) Retire(ctx context.Context, id vault.ID, packs []string, at time.Time) error {
	return x.call(func() error { return x.Index.Retire(ctx, id, packs, at) })
}

func (x fatedIndex) Retired(ctx context.Context, id vault.ID) (all map[string]time.Time, err error) {
	return all, x.call(func() error { all, err = x.Index.Retired(ctx, id); return err })
}

func (x fatedIndex) Forget(ctx context.Context, id vault.ID, packs []string) error {
	return x.call(func() error { return x.Index.Forget(ctx, id, packs) })
}

func (x fatedIndex) Erase(ctx context.Context, id vault.ID) (n int, err error) {
	return n, x.call(func() error { n, err = x.Index.Erase(ctx, id); return err })
}

// TestNothingThatLivesIsEverGone_C6 plays histories of backups, expiry,
// deletion and days that pass, with pruners that die or run out of time at any
// call and with steps of backups between their calls. After each the snapshots that live are
// read in full; in the end nothing is left that nobody needs.
func TestNothingThatLivesIsEverGone_C6(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	const lanes = 4
	var next atomic.Int64
	next.Store(*seed)
	var removed, killed, handed, revived, repeated, patched atomic.Int64
	t.Run("histories", func(t *testing.T) {
		for lane := range lanes {
			t.Run(fmt.Sprint(lane), func(t *testing.T) {
				t.Parallel()
				tables := newTables(t, cloud)
				for n := next.Add(1) - 1; n < *seed+int64(*seeds); n = next.Add(1) - 1 {
					w := newWorld(t, tables, n)
					w.play()
					removed.Add(int64(w.removed))
					killed.Add(int64(w.killed))
					handed.Add(int64(w.handed))
					revived.Add(int64(w.revived))
					repeated.Add(int64(w.repeated))
					patched.Add(int64(w.patches))
					if t.Failed() {
						t.Fatalf("with seed %d: go test -run C6 -prune.seed=%d -prune.seeds=1", n, n)
					}
				}
			})
		}
	})
	t.Logf("%d contents removed, %d pruners killed, %d sweeps handed over, %d steps of backups between a sweep's two halves, %d messages came again, %d catalogs stored as patches",
		removed.Load(), killed.Load(), handed.Load(), revived.Load(), repeated.Load(), patched.Load())
	if n := int64(*seeds); removed.Load() < n || killed.Load() < n/2 || handed.Load() < n/8 || revived.Load() < n/4 || repeated.Load() < n/8 || patched.Load() < n/4 {
		t.Errorf("too little was put to the test in %d histories", n)
	}
}
