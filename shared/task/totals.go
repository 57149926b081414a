package task

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

const (
	// Few is up to how many Box users are added up whenever somebody asks.
	Few = 500
	// Totals of more Box users rest for restOfOne for each of them, and for
	// leastRest anyway, before they are counted anew, and a tenth of that where a
	// person has changed something since.
	restOfOne = 2 * time.Millisecond
	leastRest = 10 * time.Second
	// askAgain is how long a count that was asked for may take before somebody
	// else is asked.
	askAgain = time.Minute
)

// Totals sums up a task's Box users.
type Totals struct {
	Rows     int // all Box users, however long deleted
	Total    int // those who are alive, as all that follows but Deleted
	Active   int
	Archived int
	Deleted  int // those who can be brought back
	Items    int64
	Size     int64
	// What of Items and Size is of Box users whose access is limited.
	LimitedItems int64     `dynamo:",omitempty"`
	LimitedSize  int64     `dynamo:",omitempty"`
	LastBackup   time.Time `dynamo:",omitempty"`
	ByStatus     map[backup.Status]int
	ByTag        map[backup.TagID]int

	Outdated bool `dynamo:"-"` // newer ones are being counted
}

// totalsItem keeps the totals of a task that has more than a few Box users.
type totalsItem struct {
	PK      string `dynamo:"PK,hash"`
	SK      string `dynamo:"SK,range"`
	Totals  Totals
	At      time.Time // when counting began
	Asked   time.Time `dynamo:",omitempty"` // when a count was asked for that has not ended
	Changes int       `dynamo:",omitempty"` // how often people have changed Box users
	Counted int       // Changes when counting began
	Roster  string    `dynamo:",omitempty"` // the generation of the roster that was made with them
	Parts   int       `dynamo:",omitempty"` // of how many rows it is
}

const totalsKey = "TOTALS"

func (t *Table) updateTotals(account backup.AccountID, id backup.TaskID) *dynamo.Update {
	return t.table.Update("PK", partition(account, id)).Range("SK", totalsKey)
}

// Totals returns the sums of a task's Box users. They may be Outdated; ask is
// then true for one caller, who has Count called by somebody with the time for
// it.
func (t *Table) Totals(ctx context.Context, b Task) (_ Totals, ask bool, err error) {
	row, ask, err := t.stored(ctx, b)
	if err != nil || row.PK != "" {
		return row.Totals, ask, err
	}
	sum, err := t.first(ctx, b)
	return sum, false, err
}

// TotalsUnstored returns the sums of a task's Box users, and adds them up where
// those that are stored are old. It stores nothing, for callers who may not.
func (t *Table) TotalsUnstored(ctx context.Context, b Task) (Totals, error) {
	row, err := t.counted(ctx, b.Account, b.ID)
	if err != nil || row.PK != "" && !(b.Alive() && row.rested(t.Now())) {
		return row.Totals, err
	}
	sum, _, err := t.sum(ctx, b.Account, b.ID, 0, nil)
	return sum, err
}

// stored returns the row of the totals, a zero one where there is none. Ask is as
// in Totals.
func (t *Table) stored(ctx context.Context, b Task) (_ totalsItem, ask bool, err error) {
	row, err := t.counted(ctx, b.Account, b.ID)
	now := t.Now()
	if err != nil || row.PK == "" || !b.Alive() {
		return row, false, err
	}
	rested := row.rested(now)
	row.Totals.Outdated = rested || row.changed()
	if !rested || now.Sub(row.Asked) < askAgain {
		return row, false, nil
	}
	up := t.updateTotals(b.Account, b.ID).Set("Asked", now).If("'At' = ?", row.At)
	if row.Asked.IsZero() {
		up.If("attribute_not_exists(Asked)")
	} else {
		up.If("Asked = ?", row.Asked)
	}
	err = up.Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return row, false, nil // somebody else asks
	}
	return row, err == nil, wrap(err, "totals of task %s", b.ID)
}

// first adds up the Box users of a task without stored totals. Where they are
// more than a few it stores them, so that nobody has to do it again.
func (t *Table) first(ctx context.Context, b Task) (Totals, error) {
	sum, whole, err := t.sum(ctx, b.Account, b.ID, Few, nil)
	switch {
	case err != nil || whole:
		return sum, err
	case b.Alive():
		sum, _, err = t.recount(ctx, b.Account, b.ID)
		return sum, err
	}
	sum, _, err = t.sum(ctx, b.Account, b.ID, 0, nil)
	return sum, err
}

// changed reports whether a person has changed something that may not be in the
// totals.
func (i totalsItem) changed() bool { return i.Changes != i.Counted }

// rested reports whether the totals are to be counted anew: some time after
// they were, whatever has happened since, so that nothing is wrong for long that
// nobody has told of.
func (i totalsItem) rested(now time.Time) bool {
	rest := max(leastRest, time.Duration(i.Totals.Rows)*restOfOne)
	if i.changed() {
		rest /= 10
	}
	return now.Sub(i.At) >= rest
}

// Changed has the totals counted soon: a person has changed Box users.
func (t *Table) Changed(ctx context.Context, account backup.AccountID, id backup.TaskID) error {
	err := t.updateTotals(account, id).Add("Changes", 1).If("attribute_exists(PK)").Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return nil // they are added up whenever somebody asks
	}
	return wrap(err, "changes of Box users of task %s", id)
}

// Count counts the totals of a task anew and stores them with a roster, if it has
// more than a few Box users. It does nothing where the task is deleted or gone.
func (t *Table) Count(ctx context.Context, account backup.AccountID, id backup.TaskID) error {
	_, err := t.Living(ctx, account, id)
	if backup.KindOf(err) == backup.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	_, generation, err := t.recount(ctx, account, id)
	if err != nil || generation == "" {
		return err
	}
	return t.dropRosters(ctx, account, id, generation)
}

// recount stores the totals of a task that was alive a moment ago, and the roster
// of that generation: it is not removed for good before Grace has ended, so the
// rows cannot outlive it. Where a later count has ended first, that one's stay.
func (t *Table) recount(ctx context.Context, account backup.AccountID, id backup.TaskID) (_ Totals, generation string, err error) {
	row, err := t.counted(ctx, account, id) // first: what is changed from now on may not be in the sums
	if err != nil {
		return Totals{}, "", err
	}
	now := t.Now()
	roster, err := newRosterWriter()
	if err != nil {
		return Totals{}, "", fmt.Errorf("roster of task %s: %w", id, err)
	}
	sum, _, err := t.sum(ctx, account, id, 0, roster)
	if err != nil || row.PK == "" && sum.Rows <= Few {
		return sum, "", err
	}
	generation, parts, err := t.putRoster(ctx, account, id, roster, now)
	if err != nil {
		return Totals{}, "", err
	}
	err = t.updateTotals(account, id).Set("Totals", sum).Set("At", now).Set("Counted", row.Changes).Remove("Asked").
		Set("Roster", generation).Set("Parts", parts).
		If("attribute_not_exists(Roster) OR Roster < ?", generation[:idTime]+"~").Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return sum, "", nil
	}
	return sum, generation, wrap(err, "totals of task %s", id)
}

// counted returns the row of the totals, a zero one where there is none.
func (t *Table) counted(ctx context.Context, account backup.AccountID, id backup.TaskID) (totalsItem, error) {
	var row totalsItem
	err := t.table.Get("PK", partition(account, id)).Range("SK", dynamo.Equal, totalsKey).Consistent(true).One(ctx, &row)
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return row, wrap(err, "totals of task %s", id)
	}
	return row, nil
}

// sum adds up the Box users of a task. With a bound, it is not whole where they
// are more. Without one it reads what may be some moments old, for half the price.
// The Box users go into a roster too, where there is one.
func (t *Table) sum(ctx context.Context, account backup.AccountID, id backup.TaskID, bound int, roster *rosterWriter) (sum Totals, whole bool, err error) {
	sum.ByStatus, sum.ByTag = map[backup.Status]int{}, map[backup.TagID]int{}
	query := t.queryUsers(account, id, "").
		Project("ID", "Name", "Login", "Active", "Status", "Archived", "Deleted", "Items", "Size", "FirstBackup", "LastBackup", "Tags")
	if bound > 0 {
		query.SearchLimit(bound + 1).Consistent(true)
	}
	for u, err := range eachUser(ctx, id, query) {
		if err != nil {
			return Totals{}, false, err
		}
		if bound > 0 && sum.Rows == bound {
			return sum, false, nil
		}
		t.add(&sum, u)
		if roster != nil {
			if err := roster.add(u.Entry()); err != nil {
				return Totals{}, false, fmt.Errorf("roster of task %s: %w", id, err)
			}
		}
	}
	return sum, true, nil
}

func (t *Table) add(sum *Totals, u BoxUser) {
	sum.Rows++
	if !u.Alive() {
		if !t.ended(u.Deleted) {
			sum.Deleted++
		}
		return
	}
	sum.Total++
	if u.Active {
		sum.Active++
	}
	if u.Left() {
		sum.Archived++
	}
	sum.Items += u.Items
	sum.Size += u.Size
	if u.Tagged(backup.LimitedAccess) {
		sum.LimitedItems += u.Items
		sum.LimitedSize += u.Size
	}
	if u.LastBackup.After(sum.LastBackup) {
		sum.LastBackup = u.LastBackup
	}
	sum.ByStatus[u.Status]++
	for _, tag := range u.Tags {
		sum.ByTag[tag]++
	}
}
