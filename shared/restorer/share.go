package restorer

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
	"coffer/shared/job"
)

// share brings back who may see the restored items, where the job asks for it.
// It compares with what is there, so doing it again after an interruption
// changes nothing.
func (w *work) share(ctx context.Context) error {
	if !w.job.Include.Sharing {
		return nil
	}
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for _, from := range w.roots {
		err := w.catalog.Walk(gctx, w.job.Sealed(), from, func(it catalog.Item) error {
			d, err := w.catalog.Details(gctx, w.job.Sealed(), it.ItemRef)
			if err != nil {
				return err
			}
			link := linkOf(&it)
			if it.State == catalog.Reference || link == nil && len(d.Collaborations)+len(d.Tasks) == 0 {
				return nil
			}
			group.Go(func() error { return w.shareOne(gctx, &it, link, d) })
			return gctx.Err()
		})
		if err != nil {
			return errors.Join(context.Cause(ctx), group.Wait(), err)
		}
	}
	return group.Wait()
}

// shareOne shares one item that the job has restored, or left in place in order
// to make it what it was.
func (w *work) shareOne(ctx context.Context, it *catalog.Item, link *box.SharedLink, d catalog.Details) error {
	entry, err := w.Jobs.Entry(ctx, w.state(), it.ItemRef)
	if backup.KindOf(err) == backup.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	left := entry.Outcome == job.Kept && w.job.Mode != backup.Replace
	if entry.BoxID == "" || entry.Outcome == job.Refused || entry.Outcome == job.Intended || left {
		return nil
	}
	before := entry
	s := sharing{piece: piece{work: w, item: it, entry: &entry}, ref: backup.ItemRef{Kind: it.Kind, ID: entry.BoxID}}
	err = s.all(ctx, link, d)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil && ends(err):
		return err
	case err != nil && reasonFor(err) == "" && w.state().Attempts < patience:
		w.mu.Lock()
		w.waiting++
		w.mu.Unlock()
	case err != nil:
		s.say("Not all of its sharing could be restored.")
	}
	if s.changed && entry.Outcome == job.Kept {
		entry.Outcome = job.Replaced
	}
	if entry == before {
		return nil
	}
	if err := w.Jobs.Record(context.WithoutCancel(ctx), w.state(), entry); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if entry.Outcome != before.Outcome {
		w.job.Skipped--
		tally(&w.job, entry)
	}
	return nil
}

// sharing is the work on who may see one item.
type sharing struct {
	piece
	ref     backup.ItemRef // at Box
	changed bool
}

// say adds a sentence to the ledger's line, once.
func (s *sharing) say(sentence string) {
	if !strings.Contains(s.entry.Reason, sentence) {
		s.note(sentence)
	}
}

func (s *sharing) all(ctx context.Context, link *box.SharedLink, d catalog.Details) error {
	if err := s.collaborations(ctx, d.Collaborations); err != nil {
		return err
	}
	if link != nil {
		if err := s.link(ctx, link); err != nil {
			return err
		}
	}
	return s.tasks(ctx, d.Tasks)
}

// collaborations gives access again to those who had it, in the role they had,
// and takes it from nobody.
func (s *sharing) collaborations(ctx context.Context, had []catalog.Collaboration) error {
	if len(had) == 0 {
		return nil
	}
	found, err := s.client.Collaborations(ctx, s.ref)
	if err != nil {
		return err
	}
	there := map[string]box.Collaboration{}
	for _, c := range found {
		there[c.AccessibleBy.Type+c.AccessibleBy.ID], there[strings.ToLower(c.InviteEmail)] = c, c
	}
	for _, c := range had {
		who := c.Who.Login + c.Invited
		if who == "" {
			who = c.Who.Name
		}
		now, ok := there[c.Who.Type+c.Who.ID]
		if c.Invited != "" {
			now, ok = there[strings.ToLower(c.Invited)]
		}
		switch {
		case c.Role == "owner", c.Who.ID == string(s.user), ok && now.Role == c.Role:
			continue
		case !c.Expires.IsZero() && c.Expires.Before(s.Now()):
			continue
		case ok:
			_, err = s.client.SetRole(ctx, now.ID, c.Role)
		default:
			err = s.invite(ctx, c)
		}
		if err == nil {
			s.changed = true
			continue
		}
		if reason := reasonFor(err); reason == "" || ctx.Err() != nil || ends(err) {
			return err
		}
		s.say(fmt.Sprintf("Box does not allow %s to be its %s again.", who, c.Role))
	}
	return nil
}

func (s *sharing) invite(ctx context.Context, c catalog.Collaboration) error {
	with := box.Collaboration{
		Role: c.Role, CanViewPath: c.ViewPath, AccessOnly: c.AccessOnly, ExpiresAt: c.Expires,
		AccessibleBy: box.Mini{Type: c.Who.Type, ID: c.Who.ID, Login: c.Who.Login},
	}
	if c.Invited != "" {
		with.AccessibleBy = box.Mini{Type: "user", Login: c.Invited}
	}
	_, err := s.client.Collaborate(ctx, s.ref, with)
	return err
}

// linkOf is the link that an item had, or nil.
func linkOf(it *catalog.Item) *box.SharedLink {
	var extra struct {
		Link *box.SharedLink `json:"shared_link"`
	}
	if len(it.Extra) == 0 || json.Unmarshal(it.Extra, &extra) != nil {
		return nil
	}
	return extra.Link
}

// link makes the item's link what it was. Its address is new where there was
// none left, and so is its password, which Box tells nobody: the ledger has it
// before Box does, so that it is never lost.
func (s *sharing) link(ctx context.Context, was *box.SharedLink) error {
	expires, err := time.Parse(time.RFC3339, was.Expires)
	if err == nil && expires.Before(s.Now()) {
		return nil
	}
	there, err := s.client.Item(ctx, s.ref)
	if err != nil {
		return err
	}
	now := linkOf(&catalog.Item{Extra: encoded(there.Extra)})
	if now != nil && now.Access == was.Access && now.Vanity == was.Vanity && now.Password == was.Password && now.Permissions.Download == was.Permissions.Download {
		return nil
	}
	in := map[string]any{"access": was.Access}
	if was.Access != "collaborators" {
		in["permissions"] = map[string]any{"can_download": was.Permissions.Download}
	}
	if was.Expires != "" {
		in["unshared_at"] = was.Expires
	}
	if was.Vanity != "" {
		in["vanity_name"] = was.Vanity
	}
	if was.Password && (now == nil || !now.Password) {
		password := rand.Text()[:14] + "aA1!"
		in["password"] = password
		s.entry.Reason = strings.TrimSpace(withoutPassword(s.entry.Reason) + " " + passwordIs + "“" + password + "”.")
		if err := s.Jobs.Record(ctx, s.state(), *s.entry); err != nil {
			return err
		}
	}
	_, err = s.client.Update(ctx, s.ref, "", box.Update{SharedLink: in})
	if err != nil && was.Vanity != "" && !box.IsBusy(err) && !ends(err) {
		delete(in, "vanity_name")
		s.say("The custom address of its shared link is taken.")
		_, err = s.client.Update(ctx, s.ref, "", box.Update{SharedLink: in})
	}
	if err == nil {
		s.changed = true
		if was.Permissions.Edit {
			s.say("Its shared link does not allow to edit it any more.")
		}
		return nil
	}
	s.entry.Reason = withoutPassword(s.entry.Reason)
	return s.refused(ctx, "Its shared link is not restored.", err)
}

const passwordIs = "The new password of its shared link is "

// withoutPassword takes the sentence, the last one, about a password out.
func withoutPassword(reason string) string {
	before, _, _ := strings.Cut(reason, passwordIs)
	return strings.TrimSpace(before)
}

func encoded(extra map[string]json.RawMessage) json.RawMessage {
	text, err := json.Marshal(extra)
	if err != nil {
		return nil // it came from JSON
	}
	return text
}

// tasks gives a file again the tasks that were not finished, for those who had
// not finished them.
func (s *sharing) tasks(ctx context.Context, had []catalog.Task) error {
	var open []catalog.Task
	for _, t := range had {
		var left []catalog.Assignment
		for _, a := range t.Assignments {
			if a.State == "incomplete" {
				left = append(left, a)
			}
		}
		if len(left) > 0 || len(t.Assignments) == 0 {
			t.Assignments = left
			open = append(open, t)
		}
	}
	if len(open) == 0 {
		return nil
	}
	found, err := s.client.Tasks(ctx, s.ref.ID)
	if err != nil {
		return err
	}
	for _, t := range open {
		there := box.Task{}
		for i, f := range found {
			if f.ID == t.ID || f.Action == t.Action && f.Message == t.Message {
				there, found = f, append(found[:i:i], found[i+1:]...)
				break
			}
		}
		if err := s.refused(ctx, "Not all of its tasks are restored.", s.task(ctx, t, there)); err != nil {
			return err
		}
	}
	return nil
}

// task creates a task, unless it is there, and assigns it to whom it lacks.
func (s *sharing) task(ctx context.Context, t catalog.Task, there box.Task) (err error) {
	if there.ID == "" {
		s.changed = true
		there, err = s.client.CreateTask(ctx, s.ref.ID, box.Task{Action: t.Action, Message: t.Message, Rule: t.Rule, Due: t.Due})
		if err != nil {
			return err
		}
	}
	assigned := map[string]bool{}
	for _, a := range there.Assignments {
		assigned[a.AssignTo.ID] = true
	}
	for _, a := range t.Assignments {
		if assigned[a.To.ID] {
			continue
		}
		s.changed = true
		if _, err := s.client.Assign(ctx, there.ID, box.Mini{ID: a.To.ID, Login: a.To.Login}); err != nil {
			return err
		}
	}
	return nil
}
