package tasks

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/dispatch"
	"coffer/shared/task"
)

// The names of actions.
const (
	activating   = "activate"
	pausing      = "pause"
	backingUp    = "backup"
	cancelling   = "cancel"
	deleting     = "delete"
	undeleting   = "undelete"
	releasing    = "release"
	tagging      = "tag"
	untagging    = "untag"         // of a tag that is deleted
	backingUpAll = "backup-active" // of every activated Box user
)

// deed is what an action does for each Box user.
type deed struct {
	there   func(task.BoxUser) bool // whom it can choose among
	meant   func(task.BoxUser) bool // whom of all it means; nil: everyone
	act     func(context.Context, task.BoxUser) error
	changes func(task.BoxUser) bool // for whom it changes something; nil: for each for whom it was done
	kind    audit.Kind              // of the line about all that changed; empty: act tells of each, or nobody does
	text    string                  // of that line
	begin   func(context.Context, []task.BoxUser) error
	step    func(context.Context) error // after some were done, also where that failed
	end     func(context.Context, task.Action)
}

// deed returns what an action does. It is an error where who asks may not have it
// done.
func (s *Server) deed(ctx context.Context, who account.Session, t task.Task, a task.Action) (deed, error) {
	d := deed{there: task.BoxUser.Alive}
	switch a.Name {
	case activating:
		d.kind, d.text, d.act = audit.Activate, "Activated", s.Tasks.Activate
		d.changes = func(u task.BoxUser) bool { return !u.Active }
	case pausing:
		d.kind, d.text, d.act = audit.Pause, "Paused", s.Tasks.Pause
		d.changes = func(u task.BoxUser) bool { return u.Active }
	case backingUp, backingUpAll:
		s.backsUp(ctx, t, a, &d)
	case cancelling:
		d.meant = func(u task.BoxUser) bool { return u.RunID != "" }
		d.act = func(ctx context.Context, u task.BoxUser) error { return s.stop(ctx, t, u) }
	case deleting:
		d.act = func(ctx context.Context, u task.BoxUser) error {
			if err := s.mayDelete(ctx, who, u); err != nil {
				return err
			}
			return s.Tasks.Delete(ctx, u, s.Audit.Put(s.changedUser(t, u, audit.Delete, who)))
		}
		d.end = func(ctx context.Context, a task.Action) { s.mailDeleted(ctx, who, t, a) }
	case undeleting:
		d.there = func(u task.BoxUser) bool { return s.recoverable(u.Deleted) }
		d.act = func(ctx context.Context, u task.BoxUser) error {
			return s.Tasks.Undelete(ctx, u, s.Audit.Put(s.changedUser(t, u, audit.Undelete, who)))
		}
	case releasing:
		d.kind, d.text = audit.Release, "Snapshots allowed to expire again"
		d.meant = func(u task.BoxUser) bool { return u.Held != "" }
		d.changes = d.meant
		d.act = func(ctx context.Context, u task.BoxUser) error {
			if err := s.mayDelete(ctx, who, u); err != nil {
				return err
			}
			return s.Tasks.Release(ctx, u)
		}
	case tagging:
		err := s.retags(ctx, who, t, a, &d)
		return d, err
	case untagging:
		d.there = func(u task.BoxUser) bool { return slices.ContainsFunc(a.Remove, u.Tagged) }
		d.act = func(ctx context.Context, u task.BoxUser) error { return s.Tasks.Tag(ctx, u, nil, a.Remove) }
	default:
		return d, backup.Errorf(backup.Invalid, "There is no action %q.", a.Name)
	}
	return d, nil
}

// backsUp requests runs and then dispatches as many as the task may have out, so
// that the first of them do not compete with the request. What is lost on the
// way is found by the scheduler.
func (s *Server) backsUp(ctx context.Context, t task.Task, a task.Action, d *deed) {
	if a.Name == backingUpAll {
		d.meant = func(u task.BoxUser) bool { return u.Active || granted(ctx, u) }
	}
	d.act = func(ctx context.Context, u task.BoxUser) error {
		if u.Status == backup.Archived && !granted(ctx, u) {
			return backup.Errorf(backup.Conflict, "This Box user has left the enterprise; the backup is archived.")
		}
		_, err := s.Tasks.RequestFor(ctx, u, a.ID)
		return err
	}
	d.begin = func(ctx context.Context, users []task.BoxUser) error {
		began := slices.ContainsFunc(users, func(u task.BoxUser) bool { return granted(ctx, u) })
		if err := checkConnected(t); err != nil && !began {
			return err
		}
		return s.Tasks.Expect(ctx, t.Account, t.ID)
	}
	d.step = func(ctx context.Context) error {
		return dispatch.Dispatcher{Tasks: s.Tasks, Runs: s.Runs}.Fill(ctx, t.Account, t.ID)
	}
}

// granted reports whether the Box user was granted a run by this very request,
// which comes again.
func granted(ctx context.Context, u task.BoxUser) bool {
	id, again := api.Again(ctx)
	return again && u.RunFor == id
}

func checkConnected(t task.Task) error {
	if t.Connection != backup.Connected {
		return backup.Errorf(backup.Conflict, "This backup task is not connected to Box. Connect it first.")
	}
	return nil
}

// mailDeleted tells the primary user whose backups were deleted, also where others
// made trouble.
func (s *Server) mailDeleted(ctx context.Context, who account.Session, t task.Task, a task.Action) {
	if a.Changed == 0 {
		return
	}
	slices.Sort(a.Named)
	names := strings.Join(a.Named, ", ")
	if more := a.Changed - len(a.Named); more > 0 {
		names += " and " + strconv.Itoa(more) + " more"
	}
	s.mail(ctx, a.ID, t, "users-deleted", s.Now(), map[string]string{"by": who.Email, "number": strconv.Itoa(a.Changed), "names": names})
}
