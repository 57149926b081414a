package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"coffer/shared/api/access"
	"coffer/shared/api/recovery"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// Scenario is the whole demonstration: what a new customer does in the first
// week, with every result compared with Box.
type Scenario struct {
	Portal        *Portal
	Mailbox       string // path of the page that shows mails
	Person        Person
	Box           *boxsim.Sim
	BoxURL        string
	Users         []backup.BoxUserID
	Administrator string // login of an administrator in Box
	Seed          uint64
	Out           io.Writer

	task string
}

// Run goes through the scenario and returns the account and task that it made.
// An error says what was not as it should be.
func (s *Scenario) Run(ctx context.Context) (backup.AccountID, backup.TaskID, error) {
	account, err := s.onboard(ctx)
	if err != nil {
		return "", "", err
	}
	before, err := s.backUp(ctx, "First backup")
	if err != nil {
		return "", "", err
	}
	done, deleted, err := Change(s.Box, s.Users, s.Seed)
	if err != nil {
		return "", "", err
	}
	s.say("\nChanges in Box: %s.", summary(done))
	if _, err := s.backUp(ctx, "Second backup"); err != nil {
		return "", "", err
	}
	if err := s.unchanged(ctx, before); err != nil {
		return "", "", err
	}
	return account, backup.TaskID(s.task), s.restore(ctx, before, deleted)
}

func (s *Scenario) say(format string, args ...any) { fmt.Fprintf(s.Out, format+"\n", args...) }

func summary(counts map[string]int) string {
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[kind], kind))
	}
	return strings.Join(parts, ", ")
}

// onboard signs up, connects Box and activates all Box users.
func (s *Scenario) onboard(ctx context.Context) (backup.AccountID, error) {
	if err := s.Portal.SignUp(ctx, s.Person, s.Mailbox); err != nil {
		return "", err
	}
	var who access.Session
	if err := s.Portal.Call(ctx, http.MethodGet, "/api/session", nil, &who); err != nil {
		return "", err
	}
	t, err := s.Portal.Connect(ctx, s.Person.Company, s.Administrator, len(s.Users))
	if err != nil {
		return "", err
	}
	s.task = t.ID
	s.say("Signed up as %s and connected %s with %d Box users.", s.Person.Email, t.Enterprise.Name, t.Users.Total)
	return backup.AccountID(who.Account.ID), s.Portal.Activate(ctx, t.ID)
}

// state is what Box had when a snapshot was taken.
type state struct {
	snapshot string
	items    []Entry
}

// backUp backs up every Box user and compares the snapshots with Box.
func (s *Scenario) backUp(ctx context.Context, title string) (map[string]state, error) {
	begin := time.Now()
	rows, err := s.Portal.BackUp(ctx, s.task, nil)
	if err != nil {
		return nil, err
	}
	s.say("\n%s, %.1f s:\n", title, time.Since(begin).Seconds())
	if err := Print(s.Out, rows); err != nil {
		return nil, err
	}
	taken, compared := map[string]state{}, 0
	for _, r := range rows {
		if r.User.Status != backup.Success {
			return nil, fmt.Errorf("the backup of %s ended %s: %s", r.User.Name, r.User.Status, r.User.Reason)
		}
		items, err := s.truth(ctx, backup.BoxUserID(r.User.ID))
		if err != nil {
			return nil, err
		}
		now := state{r.User.Snapshot, items}
		if err := s.compare(ctx, r.User.ID, now); err != nil {
			return nil, err
		}
		taken[r.User.ID] = now
		compared += len(now.items)
	}
	s.say("\n%d items compared with Box, each with name, place, SHA-1, description and tags: equal.", compared)
	return taken, nil
}

func (s *Scenario) compare(ctx context.Context, user string, want state) error {
	got, err := s.Portal.Browse(ctx, s.task, user, want.snapshot)
	if err != nil {
		return err
	}
	differences := Differences(want.items, got)
	if len(differences) == 0 {
		return nil
	}
	const shown = 10
	more := ""
	if len(differences) > shown {
		more = fmt.Sprintf("\n… and %d more", len(differences)-shown)
		differences = differences[:shown]
	}
	return fmt.Errorf("the snapshot of Box user %s differs from Box:\n%s%s", user, strings.Join(differences, "\n"), more)
}

// unchanged checks that older snapshots still show what Box had then.
func (s *Scenario) unchanged(ctx context.Context, before map[string]state) error {
	for _, user := range slices.Sorted(maps.Keys(before)) {
		if err := s.compare(ctx, user, before[user]); err != nil {
			return fmt.Errorf("after the second backup: %w", err)
		}
	}
	s.say("The snapshots of the first backup still show what Box had then.")
	return nil
}

// restore brings back what was deleted, and compares it with what it was.
func (s *Scenario) restore(ctx context.Context, before map[string]state, deleted []Deleted) error {
	byUser := map[backup.BoxUserID][]Deleted{}
	for _, d := range deleted {
		byUser[d.User] = append(byUser[d.User], d)
	}
	begin, files, size := time.Now(), 0, int64(0)
	for _, user := range slices.Sorted(maps.Keys(byUser)) {
		job := recovery.NewJob{
			Task: backup.TaskID(s.task), User: user, Snapshot: backup.SnapshotID(before[string(user)].snapshot),
			Mode: backup.Bypass, Label: "What was deleted",
		}
		for _, d := range byUser[user] {
			job.Items = append(job.Items, recovery.Choice{Kind: d.Kind, ID: d.ID})
		}
		_, items, err := s.Portal.Restore(ctx, job)
		if err != nil {
			return err
		}
		restored := map[string]recovery.JobItem{}
		for _, i := range items {
			restored[i.ID] = i
		}
		for _, d := range byUser[user] {
			if err := s.equal(ctx, d, restored[d.ID].BoxID); err != nil {
				return err
			}
			files++
			size += d.Content.Size
		}
	}
	s.say("\n%d deleted files of %d bytes restored in %.1f s, downloaded from Box and compared bit for bit: equal.", files, size, time.Since(begin).Seconds())
	return nil
}

// equal downloads a restored file from Box and compares it with the deleted one.
func (s *Scenario) equal(ctx context.Context, d Deleted, id string) error {
	if id == "" {
		return fmt.Errorf("the deleted file %q was not restored", d.Path)
	}
	resp, err := s.box(ctx, d.User, "/2.0/files/"+id+"/content")
	if err != nil {
		return fmt.Errorf("download of the restored file %q: %w", d.Path, err)
	}
	defer resp.Body.Close()
	was, err := s.Box.OpenContent(d.Content)
	if err != nil {
		return err
	}
	defer was.Close()
	same, err := sameBytes(resp.Body, was)
	if err == nil && !same {
		err = fmt.Errorf("the restored file %q is not the one that was deleted", d.Path)
	}
	return err
}

// sameBytes compares two streams.
func sameBytes(a, b io.Reader) (bool, error) {
	left, right := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, errA := io.ReadFull(a, left)
		m, errB := io.ReadFull(b, right)
		endA, endB := ended(errA), ended(errB)
		switch {
		case errA != nil && !endA, errB != nil && !endB:
			return false, errors.Join(errA, errB)
		case !bytes.Equal(left[:n], right[:m]) || endA != endB:
			return false, nil
		case endA:
			return true, nil
		}
	}
}

func ended(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
