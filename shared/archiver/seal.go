package archiver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/catalog"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// seal makes the draft the Box user's newest snapshot.
func (r *run) seal(ctx context.Context, method snapshot.Method) error {
	done, err := r.outcome(ctx, method)
	if err != nil {
		return err
	}
	counts, err := r.draft.Seal(ctx)
	if err != nil {
		return fmt.Errorf("seal the draft: %w", err)
	}
	if err := r.show(ctx, done, counts); err != nil {
		return errors.Join(err, r.draft.Reopen(context.WithoutCancel(ctx)))
	}
	r.unhint(ctx, done.heard)
	return nil
}

// show stores the catalog of the sealed draft and makes the snapshot visible.
func (r *run) show(ctx context.Context, done outcome, counts catalog.Counts) error {
	fresh, err := r.draft.Fresh(ctx)
	if err != nil {
		return err
	}
	lacks, err := r.draft.Lacks(ctx)
	if err != nil {
		return err
	}
	fresh.Files -= lacks.Unread
	pointer, err := r.upload(ctx, string(r.user.RunID)+"-"+r.user.RunOwner, true)
	if err != nil {
		return err
	}
	held, err := r.suspicious(ctx, counts)
	if err != nil {
		return err
	}
	if err := r.count(ctx); err != nil {
		return err
	}
	now, p := r.Now(), r.progress()
	s := snapshot.Snapshot{
		Account: r.user.Account, Task: r.user.Task, BoxUser: r.user.ID, ID: r.user.RunID,
		Status: backup.Success, Method: done.method, Why: done.why, Taken: r.draft.At, Started: p.Started, Ended: now,
		Items: counts.Items(), Files: counts.Files, Folders: counts.Folders, WebLinks: counts.WebLinks, Bytes: counts.Bytes,
		Added: counts.New, Changed: counts.Changed, Fresh: fresh, Removed: counts.Removed, Failed: counts.Failed, Lost: lacks.Failed, Absent: lacks.Absent,
		Drift: done.drift, Stored: p.Bytes, Calls: p.Calls,
	}
	reason, outcome := "", audit.Succeeded
	if counts.Failed > 0 {
		s.Status, outcome = backup.Partial, audit.Partial
		reason = fmt.Sprintf("%d of %d items could not be backed up. The snapshot lists them with the reasons. They are tried again in the next backup.", counts.Failed, counts.Items())
	}
	told := r.told(r.task, r.user, outcome, strings.TrimSpace(figures(s)+" "+reason))
	told.Duration, told.Bytes, told.Records = now.Sub(s.Started), s.Stored, s.Added+s.Changed
	r.sealing.Lock()
	defer r.sealing.Unlock()
	err = r.visible(ctx, s, told, task.Sealed{
		Status: s.Status, Reason: reason, At: now, Items: s.Items, Size: s.Bytes, Catalog: pointer, Cursor: done.position,
		Began: done.began, Reconciled: done.reconciled, External: done.external, Unprotected: done.unprotected, Drift: done.drift, Held: held, Caution: done.caution,
		Versions: done.versions && r.task.Policy.Versions, Trash: r.task.Policy.Trash,
	})
	if err != nil {
		return err
	}
	r.sealed = true
	slog.InfoContext(ctx, "sealed", "account", s.Account, "task", s.Task, "boxUser", s.BoxUser, "snapshot", s.ID,
		"method", s.Method, "items", s.Items, "failed", s.Failed, "added", s.Added, "changed", s.Changed, "removed", s.Removed,
		"drift", s.Drift, "stored", s.Stored, "calls", s.Calls, "seconds", now.Sub(s.Started).Seconds())
	return nil
}

// figures is what the activity list says of a run's work.
func figures(s snapshot.Snapshot) string {
	took := s.Ended.Sub(s.Started)
	lasted := fmt.Sprintf("%.1f minutes", took.Minutes())
	switch seconds := int(took.Round(time.Second).Seconds()); {
	case seconds < 2:
		lasted = "a second"
	case seconds < 120:
		lasted = fmt.Sprintf("%d seconds", seconds)
	}
	if s.Added+s.Changed+s.Removed+s.Stored == 0 {
		return "Nothing new in " + lasted + "."
	}
	return fmt.Sprintf("%d new, %d changed and %d removed items; %s stored anew in %s.", s.Added, s.Changed, s.Removed, size(s.Stored), lasted)
}

// sealings is how often a seal is tried while the Box user is paused or
// activated at the same time.
const sealings = 5

// visible makes the snapshot visible, with what it says of the Box user.
func (r *run) visible(ctx context.Context, s snapshot.Snapshot, told audit.Activity, sealed task.Sealed) error {
	for n := 1; ; n++ {
		row, err := r.Tasks.BoxUser(ctx, r.user.Account, r.user.Task, r.user.ID)
		if err != nil {
			return err
		}
		user := r.user
		user.Active = row.Active
		err = r.Snapshots.Seal(ctx, s, r.Tasks.Seal(user, sealed), r.Audit.Put(told))
		if n == sealings || row.RunOwner != r.user.RunOwner || backup.KindOf(err) != backup.Conflict {
			return err
		}
	}
}

// outcome is what is known of the run before its draft is sealed.
type outcome struct {
	method            snapshot.Method
	why               string
	position          string // in the change stream
	caution           []byte
	began, reconciled time.Time
	external          int64
	unprotected       int64
	drift             int64
	versions          bool     // it was begun to include past ones
	heard             []string // keys of hints
}

func (r *run) outcome(ctx context.Context, method snapshot.Method) (o outcome, err error) {
	o.method = method
	if o.position, err = r.draft.State(ctx, statePosition); err != nil {
		return o, err
	}
	if o.caution, err = r.cautionAfter(ctx); err != nil {
		return o, err
	}
	if o.why, err = r.draft.State(ctx, stateWhy); err != nil {
		return o, err
	}
	if o.began, err = r.when(ctx, stateBegan); err != nil {
		return o, err
	}
	if o.reconciled, err = r.when(ctx, stateReconciled); err != nil {
		return o, err
	}
	switch {
	case method == snapshot.Crawl:
		o.reconciled = o.began
	case o.reconciled.IsZero():
		o.reconciled = r.user.Reconciled
	}
	if o.external, err = r.draft.External(ctx); err != nil {
		return o, err
	}
	if o.unprotected, err = r.draft.Unprotected(ctx, r.self()); err != nil {
		return o, err
	}
	if _, err = r.remembered(ctx, stateDrift, &o.drift); err != nil {
		return o, err
	}
	versions, err := r.draft.State(ctx, stateVersions)
	if o.versions = versions != ""; err != nil {
		return o, err
	}
	heard, err := r.heardSoFar(ctx)
	o.heard = heard.Keys
	return o, err
}

// unhint removes the hints that the sealed run looked at, and asks for another
// run where there are others: they came while the run was under way. What goes
// wrong here is made good at the next slot.
func (r *run) unhint(ctx context.Context, keys []string) {
	err := r.Tasks.Unhint(ctx, r.user, keys)
	if err == nil {
		err = r.again(ctx)
	}
	if err != nil {
		slog.WarnContext(ctx, "hints of a sealed run", "account", r.user.Account, "task", r.user.Task, "boxUser", r.user.ID, "err", err)
	}
}

// again asks for another run where there are hints at what went to another
// owner.
func (r *run) again(ctx context.Context) error {
	rest, err := r.Tasks.Hints(ctx, r.user)
	if err != nil {
		return err
	}
	for _, row := range rest {
		if len(row.Items) > 0 && row.Items[0].Lost {
			user := r.user
			user.Snapshot = r.user.RunID
			return r.ask(ctx, user)
		}
	}
	return nil
}

// size formats a number of bytes for a sentence.
func size(bytes int64) string {
	if bytes < 1000 {
		return fmt.Sprintf("%d bytes", bytes)
	}
	value, unit := float64(bytes), -1
	for ; value >= 999.5 && unit < 4; unit++ {
		value /= 1000
	}
	return fmt.Sprintf("%.3g %s", value, []string{"KB", "MB", "GB", "TB", "PB"}[max(0, unit)])
}
