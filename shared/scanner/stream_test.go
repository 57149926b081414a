package scanner_test

import (
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/task"
)

// follower is an office whose Box users were found, and whose stream is followed
// from a time when Bob had nothing.
type follower struct {
	*office
	bob   task.BoxUser
	since time.Time // the time from which the stream reaches
	shift time.Duration
}

func newFollower(t *testing.T) *follower {
	t.Helper()
	f := &follower{office: newOffice(t, true)}
	f.Tasks.Now = func() time.Time { return time.Now().Add(f.shift) }
	f.scan(t, time.Time{})
	f.bob = f.user(t, f.users[1])
	f.since = f.task(t).Since
	f.bob.Snapshot, f.bob.Began = "one", f.since.Add(time.Second) // as if it had been backed up then
	return f
}

// pass lets time pass for Box and for us.
func (f *follower) pass(d time.Duration) {
	f.shift += d
	f.sim.Advance(d)
}

func (f *follower) task(t *testing.T) task.Task {
	t.Helper()
	found, err := f.Tasks.Task(t.Context(), "acme", "files")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// upload gives Bob a file.
func (f *follower) upload(t *testing.T, name string) backup.ItemRef {
	t.Helper()
	id, err := f.sim.Upload(f.bob.ID, backup.RootFolder, name, []byte(name))
	if err != nil {
		t.Fatal(err)
	}
	return backup.ItemRef{Kind: backup.File, ID: id}
}

// hinted reports whether a hint at the item waits for Bob.
func (f *follower) hinted(t *testing.T, ref backup.ItemRef) bool {
	t.Helper()
	rows, err := f.Tasks.Hints(t.Context(), f.bob)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, h := range row.Items {
			if h.ItemRef == ref {
				return true
			}
		}
	}
	return false
}

// events makes reading events go wrong.
func (f *follower) events(kind boxsim.Kind, nth int64) {
	f.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/events", Kinds: []boxsim.Kind{kind}, Nth: nth})
}

// TestStreamThatIsLostIsRegainedWithoutAGap_I8 takes the permission to read the
// enterprise's events away for two scans.
func TestStreamThatIsLostIsRegainedWithoutAGap_I8(t *testing.T) {
	t.Parallel()
	f := newFollower(t)
	f.events(boxsim.Forbidden, 0)
	var meanwhile []backup.ItemRef
	for _, name := range []string{"first", "second"} {
		meanwhile = append(meanwhile, f.upload(t, name))
		f.scan(t, time.Time{})
		if b := f.task(t); b.Feed != task.UserFeed || b.FeedReason == "" || b.Position == "" || b.Covers(f.bob) {
			t.Errorf("without the permission: feed %s (%s) from %q", b.Feed, b.FeedReason, b.Position)
		}
	}
	f.sim.ClearFaults()
	f.scan(t, time.Time{})
	b := f.task(t)
	if b.Feed != task.EnterpriseFeed || b.FeedReason != "" || !b.Since.Equal(f.since) || !b.Covers(f.bob) {
		t.Errorf("with the permission again: feed %s (%s) since %s", b.Feed, b.FeedReason, b.Since)
	}
	for _, ref := range meanwhile {
		if !f.hinted(t, ref) {
			t.Errorf("nothing hints at %s, which came meanwhile", ref)
		}
	}
}

// TestGapInTheStreamIsBridged_I8 lets Box refuse the position, or forget what came
// after it.
func TestGapInTheStreamIsBridged_I8(t *testing.T) {
	t.Parallel()
	for name, gap := range map[string]func(*follower){
		"refused":   func(f *follower) { f.events(boxsim.BadMarker, 1) },
		"forgotten": func(f *follower) { f.pass(16 * 24 * time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFollower(t)
			before := f.upload(t, "before the gap")
			gap(f)
			f.scan(t, time.Time{})
			b := f.task(t)
			if !f.hinted(t, before) || b.Feed != task.EnterpriseFeed || !b.Since.Equal(f.since) || !b.Covers(f.bob) {
				t.Errorf("feed %s since %s, want the one since %s, and a hint at %s", b.Feed, b.Since, f.since, before)
			}
			f.pass(25 * time.Hour)
			if f.scan(t, time.Time{}); !f.task(t).Bridged.IsZero() {
				t.Error("the gap is looked at for ever")
			}
			f.sim.Lag(12 * time.Second)
			late := f.upload(t, "in the last moments of the gap")
			f.events(boxsim.BadMarker, 1)
			f.scan(t, time.Time{})
			if f.hinted(t, late) {
				t.Error("the history knows what happened a moment ago, so this tests nothing")
			}
			f.pass(time.Minute)
			if f.scan(t, time.Time{}); !f.hinted(t, late) {
				t.Errorf("nothing hints at %s, which the history had late", late)
			}
			if f.task(t).Bridged.IsZero() {
				t.Error("the gap is not looked at again")
			}
			f.sim.Lag(0)
			after := f.upload(t, "after the gap")
			if f.scan(t, time.Time{}); !f.hinted(t, after) {
				t.Errorf("nothing hints at %s, which came after the gap", after)
			}
		})
	}
}

// TestGapThatNothingFillsIsKnown_I8 forbids the enterprise's history as well.
func TestGapThatNothingFillsIsKnown_I8(t *testing.T) {
	t.Parallel()
	f := newFollower(t)
	f.upload(t, "in the gap")
	f.events(boxsim.BadMarker, 1)
	f.events(boxsim.Forbidden, 2) // after the present position
	f.pass(time.Hour)
	f.scan(t, time.Time{})
	b := f.task(t)
	if b.Feed != task.EnterpriseFeed || !b.Since.After(f.since) || b.Covers(f.bob) {
		t.Errorf("feed %s since %s covers Bob's backup of %s: %t, want one that does not", b.Feed, b.Since, f.bob.Began, b.Covers(f.bob))
	}
}
