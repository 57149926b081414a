package scanner

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/dispatch"
	"coffer/shared/task"
)

// leave looks at the Box users that the task knows, after a whole listing told
// who is in the enterprise: present has those, and whether they are active.
//
// Of who is inactive a last backup is asked for, since Box may still let us read,
// and when that has ended the backup is archived. Who is not listed any more is
// archived at once, or forgotten where nothing was ever backed up. Who is back
// goes on. Where more than half are missing at once, nobody is archived: rather
// something is wrong with the listing, or with the connection.
func (s *Scanner) leave(ctx context.Context, t task.Task, present map[backup.BoxUserID]bool) error {
	var changed []task.BoxUser
	known, missing := 0, 0
	for u, err := range s.Tasks.BoxUsers(ctx, t.Account, t.ID) {
		if err != nil {
			return err
		}
		active, listed := present[u.ID]
		if !u.Left() {
			known++
			if !listed {
				missing++
			}
		}
		if active == u.Left() || active && !u.Leaving.IsZero() {
			changed = append(changed, u)
		}
	}
	implausible := len(present) == 0 || 2*missing > known
	if implausible && missing > 0 {
		if err := s.implausible(ctx, t, known, missing); err != nil {
			return err
		}
	}
	for _, u := range changed {
		active, listed := present[u.ID]
		var err error
		switch {
		case !u.Alive(): // the purge decides
		case active:
			err = s.back(ctx, t, u)
		case listed && !u.Left():
			err = s.inactive(ctx, t, u)
		case !u.Left() && !implausible:
			err = s.gone(ctx, t, u)
		}
		if err != nil && backup.KindOf(err) != backup.Conflict { // a run is under way; the next scan sees
			return err
		}
	}
	return nil
}

// back makes a Box user who is active at Box again one like the others.
func (s *Scanner) back(ctx context.Context, t task.Task, u task.BoxUser) error {
	if err := s.Tasks.Return(ctx, u, t.AutoActivate); err != nil || !u.Left() {
		return err
	}
	return s.note(ctx, t, u, audit.Return, "returned", "The Box user is active in Box again, so the backup is no longer archived.")
}

// inactive asks for the last backup of a Box user, and archives when there was
// one. A Box user who was never to be backed up stays as it is.
func (s *Scanner) inactive(ctx context.Context, t task.Task, u task.BoxUser) error {
	switch {
	case u.RunID != "", !u.Active && len(u.Catalog) == 0:
		return nil
	case !u.Leaving.IsZero():
		return s.archive(ctx, t, u, "The Box user is inactive in Box. "+parting(u))
	}
	if err := s.Tasks.Expect(ctx, t.Account, t.ID); err != nil {
		return err
	}
	if _, err := s.Tasks.Request(ctx, u, time.Time{}); err != nil {
		return err
	}
	if err := s.Tasks.Leave(ctx, u); err != nil {
		return err
	}
	return dispatch.Dispatcher{Tasks: s.Tasks, Runs: s.Runs}.Fill(ctx, t.Account, t.ID)
}

// parting says what came of the last backup of somebody who is inactive in Box.
func parting(u task.BoxUser) string {
	since := u.LastBackup.UTC().Format("2 January 2006, 15:04 UTC")
	switch {
	case u.LastBackup.IsZero():
		return "No backup could be made before that, so the archive is empty. " + u.Reason
	case u.LastBackup.Before(u.Leaving):
		return "A last backup could not be made, so the archive holds what there was on " + since + ". " + u.Reason
	case u.Reason != "":
		return "The last backup was made, not of every item, and the backup is archived. " + u.Reason
	}
	return "The last backup was made, and the backup is archived."
}

// gone archives the backup of a Box user who is not in the enterprise any more.
func (s *Scanner) gone(ctx context.Context, t task.Task, u task.BoxUser) error {
	if u.RunID != "" {
		if err := s.Tasks.Cancel(ctx, u); err != nil {
			return err
		}
	}
	if len(u.Catalog) == 0 && len(u.Checkpoint) == 0 {
		return s.Tasks.Forget(ctx, u)
	}
	return s.archive(ctx, t, u, "The Box user has left the Box enterprise, so the backup is archived. It can be browsed and restored.")
}

func (s *Scanner) archive(ctx context.Context, t task.Task, u task.BoxUser, text string) error {
	if err := s.Tasks.Archive(ctx, u); err != nil {
		return err
	}
	return s.note(ctx, t, u, audit.Archive, "archived", text)
}

// note adds a line about a Box user to the activity list.
func (s *Scanner) note(ctx context.Context, t task.Task, u task.BoxUser, kind audit.Kind, cause, text string) error {
	now := s.Tasks.Now()
	return s.Audit.Add(ctx, audit.Activity{
		Account: t.Account, ID: audit.ID(now, cause+"-"+string(t.ID)+"-"+string(u.ID)), At: now, Kind: kind, Status: audit.Succeeded,
		Task: t.ID, TaskName: t.Name, BoxUser: u.ID, BoxUserName: u.Name, Item: u.Login, Description: text,
	})
}

// implausible tells that too many Box users are missing, once a day.
func (s *Scanner) implausible(ctx context.Context, t task.Task, known, missing int) error {
	slog.WarnContext(ctx, "most Box users are missing", "account", t.Account, "task", t.ID, "known", known, "missing", missing)
	day := s.Tasks.Now().UTC().Truncate(24 * time.Hour)
	return s.Audit.Add(ctx, audit.Activity{
		Account: t.Account, ID: audit.ID(day, "missing-"+string(t.ID)), At: day, Kind: audit.Archive, Status: audit.Failed,
		Task: t.ID, TaskName: t.Name, Item: t.EnterpriseName,
		Description: fmt.Sprintf("Box listed %d of %d known Box users as no longer there. That is too many at once to be believed, so nothing was archived. See in Box's Admin Console whether they are gone.", missing, known),
	})
}
