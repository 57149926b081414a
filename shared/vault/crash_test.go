package vault_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing"

	"coffer/shared/backup"
	"coffer/shared/vault"
)

var errCrash = errors.New("planned")

// crashing counts the calls to a store that change something or read, and
// fails one of them, before or after its effect, and all later ones.
type crashing struct {
	vault.Objects
	vault.Index
	calls   atomic.Int64
	at      int64 // the call to fail, from 1; 0 fails none
	before  bool
	dead    bool // whether later calls fail too
	tripped atomic.Bool
}

func (c *crashing) call(effect func() error) error {
	n := c.calls.Add(1)
	if c.at == 0 || n < c.at || n > c.at && !c.dead {
		return effect()
	}
	c.tripped.Store(true)
	if n == c.at && !c.before {
		if err := effect(); err != nil {
			return err
		}
	}
	return errCrash
}

func (c *crashing) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, sum [sha256.Size]byte) error {
	return c.call(func() error { return c.Objects.Put(ctx, key, body, size, sum) })
}

// crashingIndex gives the index's methods of crashing; both have a Put.
type crashingIndex struct {
	*crashing
}

func (c crashingIndex) Put(ctx context.Context, id vault.ID, rows []vault.Row) error {
	return c.call(func() error { return c.Index.Put(ctx, id, rows) })
}

func (c crashingIndex) Rows(ctx context.Context, id vault.ID, contents []backup.Content) (rows map[backup.Content]vault.Row, err error) {
	return rows, c.call(func() error { rows, err = c.Index.Rows(ctx, id, contents); return err })
}

func (c crashingIndex) Progress(ctx context.Context, id vault.ID, content backup.Content) (p vault.Progress, err error) {
	return p, c.call(func() error { p, err = c.Index.Progress(ctx, id, content); return err })
}

func (c crashingIndex) SaveProgress(ctx context.Context, id vault.ID, p vault.Progress) error {
	return c.call(func() error { return c.Index.SaveProgress(ctx, id, p) })
}

func (c crashingIndex) Finish(ctx context.Context, id vault.ID, p vault.Progress) error {
	return c.call(func() error { return c.Index.Finish(ctx, id, p) })
}

// storeAll is a run: it stores what is missing of the contents.
func storeAll(ctx context.Context, v *vault.Vault, bodies map[backup.Content][]byte, order []backup.Content) error {
	missing, err := v.Missing(ctx, order)
	if err != nil {
		return err
	}
	w := v.Writer()
	for _, c := range missing {
		if c.Size < 200_000 {
			err = w.Add(ctx, c, newReader(bodies[c]))
		} else {
			err = v.StoreLarge(ctx, c, sourceOf(bodies[c]), never)
		}
		if err != nil {
			return errors.Join(err, w.Flush(ctx))
		}
	}
	return w.Flush(ctx)
}

// TestCrashAtAnyCallLosesNothing fails every call to the store in turn, before
// and after its effect, as a fault that passes and as the end of the process,
// and looks at what is left.
func TestCrashAtAnyCallLosesNothing(t *testing.T) {
	t.Parallel()
	bodies := map[backup.Content][]byte{}
	var order []backup.Content
	for i, size := range []int{10, 20_000, 0, 40_000, 350_000, 30_000, 45_000, 1_000, 210_000} {
		b := noise(uint64(i), size)
		bodies[contentOf(b)] = b
		order = append(order, contentOf(b))
	}
	clean := crashAt(t, bodies, order, 0, false, false)
	if clean < 15 {
		t.Fatalf("%d calls in a clean run, want more to fail", clean)
	}
	for at := range clean {
		for _, before := range []bool{true, false} {
			for _, dead := range []bool{true, false} {
				t.Run(fmt.Sprintf("call %d before=%v dead=%v", at+1, before, dead), func(t *testing.T) {
					t.Parallel()
					crashAt(t, bodies, order, at+1, before, dead)
				})
			}
		}
	}
}

func crashAt(t *testing.T, bodies map[backup.Content][]byte, order []backup.Content, at int64, before, dead bool) int64 {
	t.Helper()
	k := newKit(t)
	c := &crashing{Objects: k.objects, Index: k.index, at: at, before: before, dead: dead}
	v, err := vault.Open(t.Context(), testID, k.sealed, c, crashingIndex{c}, k.keys)
	check(t, err)
	v.SetSizes(50_000, 100_000)
	v.Dir = t.TempDir()
	err = storeAll(t.Context(), v, bodies, order)
	if at == 0 {
		check(t, err)
	} else if !c.tripped.Load() {
		t.Errorf("call %d was never made", at)
	}
	k.SetSizes(50_000, 100_000)
	report, verifyErr := k.Verify(t.Context())
	check(t, verifyErr)
	if len(report.Damaged) > 0 {
		t.Errorf("after the crash the index promises what is not there: %+v", report.Damaged)
	}
	if err != nil {
		if !errors.Is(err, errCrash) {
			t.Errorf("the run ended with %v, want the planned fault", err)
		}
		check(t, storeAll(t.Context(), k.Vault, bodies, order))
	}
	for _, b := range bodies {
		k.wantStored(t, b)
	}
	check(t, k.index.Walk(t.Context(), testID, func(vault.Row) error { return nil }, func(p vault.Progress) error {
		t.Errorf("progress of %s is left", p.Content)
		return nil
	}))
	return c.calls.Load()
}
