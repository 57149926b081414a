package tasks

import (
	"context"
	"log/slog"
	"time"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// recoverable reports whether what was deleted at that time can still be
// brought back; what nobody deleted cannot.
func (s *Server) recoverable(deleted time.Time) bool { return recoverable(deleted, s.Now()) }

func recoverable(deleted, now time.Time) bool {
	return !deleted.IsZero() && now.Before(deleted.Add(task.Grace))
}

// until is when what was deleted at that time is removed for good.
func until(deleted time.Time) time.Time {
	if deleted.IsZero() {
		return time.Time{}
	}
	return deleted.Add(task.Grace)
}

func (s *Server) deleteTask(ctx context.Context, who account.Session, in *TaskPath) (*taskOutput, error) {
	if id, again := api.Again(ctx); again {
		t, err := s.Tasks.Task(ctx, who.Account, in.Task)
		if err == nil && t.DeletedFor == id { // its e-mail was kept along with that
			return s.answer(ctx, who, t)
		}
	}
	t, err := s.Tasks.Living(ctx, who.Account, in.Task)
	if err != nil {
		return nil, err
	}
	if err := s.wholly(ctx, who, t); err != nil {
		return nil, err
	}
	now := s.Now()
	id := api.NewID(ctx, now)
	told := s.changed(t, audit.Delete, who)
	told.Item = t.EnterpriseName
	mail := s.mail(id, t, "task-deleted", now, map[string]string{"by": who.Email})
	if t, err = s.Tasks.DeleteTaskFor(ctx, t.Account, t.ID, id, s.Audit.Put(told), s.Tasks.KeepMail(mail)); err != nil {
		return nil, err
	}
	s.send(ctx, mail)
	return s.answer(ctx, who, t)
}

func (s *Server) undeleteTask(ctx context.Context, who account.Session, in *TaskPath) (*taskOutput, error) {
	t, err := s.Tasks.Task(ctx, who.Account, in.Task)
	if err != nil {
		return nil, err
	}
	if t.Alive() {
		return s.answer(ctx, who, t)
	}
	told := s.changed(t, audit.Undelete, who)
	told.Item = t.EnterpriseName
	t, err = s.Tasks.UndeleteTask(ctx, t.Account, t.ID, t.Next(s.Now().UTC()), s.Audit.Put(told))
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, who, t)
}

func (s *Server) deleteUsers(ctx context.Context, who account.Session, in *actionInput) (*actionOutput, error) {
	return s.chosen(ctx, who, in, task.Action{Name: deleting})
}

// mayDelete keeps those who may not see what a Box user has from deleting it.
func (s *Server) mayDelete(ctx context.Context, who account.Session, u task.BoxUser) error {
	sees, err := s.limits().Sees(ctx, who, u)
	if err == nil && !sees {
		return backup.Errorf(backup.Forbidden, "Access to what %s has is limited, so only the primary user of the account can do this.", u.Name)
	}
	return err
}

// wholly keeps those who may not see what some Box user of the task has from
// what concerns all of them.
func (s *Server) wholly(ctx context.Context, who account.Session, t task.Task) error {
	user, err := s.Sessions.User(ctx, who)
	if err != nil || user.Primary {
		return err
	}
	u, found, err := s.Tasks.FirstTagged(ctx, t.Account, t.ID, backup.LimitedAccess)
	if err != nil || !found {
		return err
	}
	return s.mayDelete(ctx, who, u)
}

func (s *Server) undeleteUsers(ctx context.Context, who account.Session, in *actionInput) (*actionOutput, error) {
	return s.chosen(ctx, who, in, task.Action{Name: undeleting})
}

func (s *Server) releaseUsers(ctx context.Context, who account.Session, in *actionInput) (*actionOutput, error) {
	return s.chosen(ctx, who, in, task.Action{Name: releasing})
}

// changed is the activity of a person who deletes a task or brings it back.
func (s *Server) changed(t task.Task, kind audit.Kind, who account.Session) audit.Activity {
	now := s.Now().UTC()
	description := "Brought back by " + who.Email + "."
	if kind == audit.Delete {
		description = "Deleted by " + who.Email + ". It can be brought back until " + readable(until(now)) + "."
	}
	return audit.Activity{
		Account: t.Account, ID: audit.ID(now, string(kind)+"-"+string(t.ID)), At: now, Kind: kind, Status: audit.Succeeded,
		Task: t.ID, TaskName: t.Name, Description: description,
	}
}

func (s *Server) changedUser(t task.Task, u task.BoxUser, kind audit.Kind, who account.Session) audit.Activity {
	a := s.changed(t, kind, who)
	a.ID += "-" + string(u.ID)
	a.BoxUser, a.BoxUserName, a.Item = u.ID, u.Name, u.Login
	return a
}

// mail is an e-mail to the primary user about a deletion, or what leads to one. It
// is sent once for each id.
func (s *Server) mail(id string, t task.Task, template string, deleted time.Time, data map[string]string) backup.MailMessage {
	data["task"], data["taskName"], data["until"] = string(t.ID), t.Name, readable(until(deleted))
	return backup.MailMessage{ID: id, Account: t.Account, Template: template, Data: data}
}

// send sends e-mails that are kept: where it cannot, the scheduler does.
func (s *Server) send(ctx context.Context, mails ...backup.MailMessage) {
	for _, m := range mails {
		if err := s.Mails.Send(ctx, string(m.Account), 0, m); err != nil {
			slog.WarnContext(ctx, "mail", "account", m.Account, "template", m.Template, "err", err)
		}
	}
}

func readable(at time.Time) string { return at.UTC().Format("2 January 2006, 15:04 UTC") }
