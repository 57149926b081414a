package tasks

import (
	"context"
	"slices"

	"coffer/shared/account"
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
	step    func(context.Context) error              // after some were done, also where that failed
	end     func(context.Context, task.Action) error // after all were done; not where that failed
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
		d.kind, d.text = audit.Pause, "Paused"
		d.changes = func(u task.BoxUser) bool { return u.Active }
		d.act = func(ctx context.Context, u task.BoxUser) error {
			if u.Status == backup.NotActive {
				return backup.Errorf(backup.Conflict, "This Box user is not activated, so there are no scheduled backups to pause.")
			}
			return s.Tasks.Pause(ctx, u)
		}
	case backingUp, backingUpAll:
		s.backsUp(t, a, &d)
	case cancelling:
		d.meant = func(u task.BoxUser) bool { return u.RunID != "" || granted(a, u) }
		d.act = func(ctx context.Context, u task.BoxUser) error { return s.stop(ctx, t, u, a.ID) }
	case deleting:
		d.there = func(u task.BoxUser) bool { return u.Alive() || granted(a, u) }
		d.begin = func(ctx context.Context, _ []task.BoxUser) error {
			return s.Tasks.KeepDeletion(ctx, t.ID, a.ID, s.mailDeleted(who, t))
		}
		d.act = func(ctx context.Context, u task.BoxUser) error {
			if err := s.mayDelete(ctx, who, u); err != nil {
				return err
			}
			return s.Tasks.DeleteFor(ctx, u, a.ID, s.Audit.Put(s.changedUser(t, u, audit.Delete, who)))
		}
		d.end = func(ctx context.Context, a task.Action) error { return s.tellDeleted(ctx, who, t, a) }
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
func (s *Server) backsUp(t task.Task, a task.Action, d *deed) {
	if a.Name == backingUpAll {
		d.meant = func(u task.BoxUser) bool { return u.Active || granted(a, u) }
	}
	d.act = func(ctx context.Context, u task.BoxUser) error {
		if u.Status == backup.Archived && !granted(a, u) {
			return backup.Errorf(backup.Conflict, "This Box user has left the enterprise; the backup is archived.")
		}
		_, err := s.Tasks.RequestFor(ctx, u, a.ID)
		return err
	}
	d.begin = func(ctx context.Context, users []task.BoxUser) error {
		began := slices.ContainsFunc(users, func(u task.BoxUser) bool { return granted(a, u) })
		if err := checkConnected(t); err != nil && !began {
			return err
		}
		return s.Tasks.Expect(ctx, t.Account, t.ID)
	}
	d.step = func(ctx context.Context) error {
		return dispatch.Dispatcher{Tasks: s.Tasks, Runs: s.Runs}.Fill(ctx, t.Account, t.ID)
	}
}

// granted reports whether the Box user was granted this very action before: the
// request, or a step of it, comes again.
func granted(a task.Action, u task.BoxUser) bool {
	switch a.Name {
	case backingUp, backingUpAll:
		return u.RunFor == a.ID
	case cancelling:
		return u.CancelFor == a.ID
	case deleting:
		return u.DeletedFor == a.ID
	}
	return false
}

func checkConnected(t task.Task) error {
	if t.Connection != backup.Connected {
		return backup.Errorf(backup.Conflict, "This backup task is not connected to Box. Connect it first.")
	}
	return nil
}

// mailDeleted is the e-mail about deleted backups, which does not say yet whose.
func (s *Server) mailDeleted(who account.Session, t task.Task) backup.MailMessage {
	return s.mail("", t, "users-deleted", s.Now(), map[string]string{"by": who.Email})
}

// tellDeleted tells the primary user whose backups were deleted, also where others
// made trouble.
func (s *Server) tellDeleted(ctx context.Context, who account.Session, t task.Task, a task.Action) error {
	if a.Changed == 0 {
		return nil
	}
	mail := task.Deletion(a.ID, s.mailDeleted(who, t), a.Named, a.Changed)
	if err := s.Tasks.KeepDeleted(ctx, a.ID, mail); err != nil {
		return err
	}
	s.send(ctx, mail)
	return nil
}
