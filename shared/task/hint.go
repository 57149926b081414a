package task

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/guregu/dynamo/v2"
	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
)

// Hint says where a Box user's next run has to look. It says nothing about what
// is there: a hint that comes twice, late or for nothing costs a look.
type Hint struct {
	backup.ItemRef
	Parent  string           `dynamo:",omitempty"` // the folder that the event named; empty where there is none, or several
	Renewed bool             `dynamo:",omitempty"` // a folder whose content may be new as a whole
	Deleted bool             `dynamo:",omitempty"` // an event told of its deletion
	Tasked  bool             `dynamo:",omitempty"` // it told of a task of the file
	Actor   backup.BoxUserID `dynamo:",omitempty"` // who did it
	Owner   backup.BoxUserID `dynamo:",omitempty"` // whose it was then, where it was another's

	// Lost hints that the item may have gone to another owner: only a Box user
	// whose catalog has it as their own looks.
	Lost bool `dynamo:",omitempty"`
	// Passes is how many more times those whose catalog does not have it pass the
	// hint on, as a Lost one, to the owners of what they have references to.
	Passes int `dynamo:",omitempty"`
}

// Hints are the hints for one Box user that were stored together.
type Hints struct {
	Key   string // of the row
	Items []Hint
}

type hintItem struct {
	PK    string `dynamo:"PK,hash"`
	SK    string `dynamo:"SK,range"`
	Items []Hint
}

func hintKey(user backup.BoxUserID, source string) string {
	return "HINT#" + string(user) + "#" + source
}

// digest names what hints say, in whatever order.
func digest(items []Hint) (string, error) {
	items = slices.Clone(items)
	slices.SortFunc(items, func(a, b Hint) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) })
	text, err := json.Marshal(items)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), err
}

// writers is how many rows are written at a time.
const writers = 16

// Hint stores hints for Box users of a task. Source says where they are from, so
// that storing the same ones again changes nothing: the part of a stream, say. If
// that part has got more by now, they are stored besides the others, which a run
// may have looked at already. One source has at most a page of a stream, which
// fits a row.
func (t *Table) Hint(ctx context.Context, account backup.AccountID, task backup.TaskID, source string, hints map[backup.BoxUserID][]Hint) error {
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for user, items := range hints {
		group.Go(func() error {
			sum, err := digest(items)
			if err == nil {
				err = t.table.Put(hintItem{PK: partition(account, task), SK: hintKey(user, source+"#"+sum), Items: items}).Run(gctx)
			}
			return wrap(err, "hints for Box user %s", user)
		})
	}
	return group.Wait()
}

// Hints returns what there is for the Box user, each with its key.
func (t *Table) Hints(ctx context.Context, u BoxUser) ([]Hints, error) {
	var rows []hintItem
	err := t.table.Get("PK", partition(u.Account, u.Task)).Range("SK", dynamo.BeginsWith, hintKey(u.ID, "")).Consistent(true).All(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("hints for Box user %s: %w", u.ID, err)
	}
	all := make([]Hints, len(rows))
	for i, row := range rows {
		all[i] = Hints{Key: row.SK, Items: row.Items}
	}
	return all, nil
}

// Hinted returns the Box users of the task for whom there are hints.
func (t *Table) Hinted(ctx context.Context, account backup.AccountID, task backup.TaskID) (map[backup.BoxUserID]bool, error) {
	query := t.table.Get("PK", partition(account, task)).Range("SK", dynamo.BeginsWith, "HINT#").Project("SK").Consistent(true).Iter()
	users := map[backup.BoxUserID]bool{}
	var row struct{ SK string }
	for query.Next(ctx, &row) {
		user, _, _ := strings.Cut(strings.TrimPrefix(row.SK, "HINT#"), "#")
		users[backup.BoxUserID(user)] = true
	}
	return users, wrap(query.Err(), "hints of task %s", task)
}

// Unhint removes hints that a sealed run has looked at.
func (t *Table) Unhint(ctx context.Context, u BoxUser, keys []string) error {
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for _, key := range keys {
		group.Go(func() error {
			err := t.table.Delete("PK", partition(u.Account, u.Task)).Range("SK", key).Run(gctx)
			return wrap(err, "remove hints for Box user %s", u.ID)
		})
	}
	return group.Wait()
}

// DropHints removes all hints for the Box user, of whom no run will look at
// them.
func (t *Table) DropHints(ctx context.Context, u BoxUser) error {
	hints, err := t.Hints(ctx, u)
	if err != nil {
		return err
	}
	keys := make([]string, len(hints))
	for i, h := range hints {
		keys[i] = h.Key
	}
	return t.Unhint(ctx, u, keys)
}
