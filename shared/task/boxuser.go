package task

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// BoxUser is a member of a task's Box enterprise and the state of that
// member's backup.
type BoxUser struct {
	Account   backup.AccountID
	Task      backup.TaskID
	ID        backup.BoxUserID
	Name      string
	Login     string    // e-mail address at Box
	BoxStatus string    // active, inactive, …, as Box says
	Dormant   bool      `dynamo:",omitempty"` // not active at Box at any time since it was found
	Active    bool      // backed up on schedule
	Activated time.Time `dynamo:",omitempty"` // since when, unless it is not
	Status    backup.Status
	Reason    string `dynamo:",omitempty"` // why Failed or Partial, a sentence

	// The latest snapshot.
	Snapshot    backup.SnapshotID `dynamo:",omitempty"`
	Same        backup.SnapshotID `dynamo:",omitempty"` // that of the catalog which it equals, where nothing had changed
	Began       time.Time         `dynamo:",omitempty"` // when the run that filled the catalog began to look; the enterprise's stream tells what came later
	FirstBackup time.Time         `dynamo:",omitempty"`
	LastBackup  time.Time         `dynamo:",omitempty"`
	Items       int64             // files, folders and web links
	Size        int64             // bytes of its files
	Catalog     []byte            `dynamo:",omitempty"` // where the catalog is and its wrapped key; the archiver's JSON
	Cursor      string            `dynamo:",omitempty"` // position in the Box user's change stream
	External    int64             // items of other companies; the enterprise's stream says nothing of them
	Unprotected int64             // items of others of the company who have no backup of their own; nobody is told of what happens to them
	Reconciled  time.Time         `dynamo:",omitempty"` // when those folders were last listed that had waited longest
	Versions    bool              `dynamo:",omitempty"` // it has what the policy of that name asks for
	Trash       bool              `dynamo:",omitempty"` // likewise
	Drift       int64             // items that listing folders again found different from what the events had told, ever

	// The Box user's place in the task.
	Tags       []backup.TagID `dynamo:",set,omitempty"`
	Archived   time.Time      `dynamo:",omitempty"` // when the user had left the enterprise
	Deleted    time.Time      `dynamo:",omitempty"` // when someone deleted the backup; it can be brought back for Grace
	DeletedFor string         `dynamo:",omitempty"` // the latest request of a person that deleted it; it stays when that is brought back
	Held       string         `dynamo:",omitempty"` // why snapshots do not expire for now, a sentence
	Caution    []byte         `dynamo:",omitempty"` // the work at which workers died; the archiver's JSON

	// What the life of the Box user left behind.
	Leaving   time.Time `dynamo:",omitempty"` // when the last run of someone inactive at Box was asked for
	WasActive bool      `dynamo:",omitempty"` // Active before the Box user was archived or deleted
	Purging   bool      `dynamo:",omitempty"` // it is being removed for good

	// The latest verification of the backup.
	Verified time.Time `dynamo:",omitempty"`
	Damage   string    `dynamo:",omitempty"` // what of it is damaged, a sentence

	// The run that is requested or under way; RunID is empty between runs.
	RunID       backup.SnapshotID `dynamo:",omitempty"` // the id that its snapshot will have
	RunBefore   backup.Status     `dynamo:",omitempty"` // Status when the run was requested
	RunSlot     string            `dynamo:",omitempty"` // the latest slot a run was requested for
	RunFor      string            `dynamo:",omitempty"` // the latest request of a person that was granted a run; it stays when that has ended
	RunWanted   bool              // a person asked for the latest run
	RunAsked    time.Time         `dynamo:",omitempty"`
	RunOwner    string            `dynamo:",omitempty"` // the invocation that holds the lease
	RunUntil    int64             `dynamo:",omitempty"` // end of the lease, in Unix milliseconds
	RunAttempts int               // leases taken since the run last got on
	RunSilent   int               `dynamo:",omitempty"` // leases taken since a worker last gave the run back
	RunAt       []byte            `dynamo:",omitempty"` // the work that a careful worker is at; the archiver's JSON
	Checkpoint  []byte            `dynamo:",omitempty"` // where the working catalog is; the archiver's JSON
	Progress    *Progress         `dynamo:",omitempty"`
	Cancel      bool              // someone asked to stop the run
	CancelFor   string            `dynamo:",omitempty"` // the latest request of a person that cancelled a run; it stays when that has ended
	RunOut      bool              `dynamo:",omitempty"` // dispatched, and counted among the task's runs
	RunStopped  string            `dynamo:",omitempty"` // why the run waits, a sentence
}

// patience is how long the backup of a Box user may fail before those who have
// what that user shares hold it as well.
const patience = 7 * 24 * time.Hour

// Protected reports whether the Box user's own backup holds what the Box user
// owns: it is made on schedule, and does not fail from the start or for a week.
func (u BoxUser) Protected(now time.Time) bool {
	status := u.Status
	if u.RunID != "" {
		status = u.RunBefore
	}
	return u.Active && (status != backup.Failed || now.Sub(u.LastBackup) < patience)
}

// Progress is how far a run has come, as the portal shows it.
type Progress struct {
	Phase   string    // Listing, Downloading, Sealing
	Items   int64     // items seen
	Files   int64     // contents stored in this run
	Wanted  int64     // contents still to be stored, as far as known
	Bytes   int64     // bytes stored in this run
	Calls   int64     // Box calls of this run
	Started time.Time // of the run's first lease
	Updated time.Time
}

type userItem struct {
	PK       string `dynamo:"PK,hash"`
	SK       string `dynamo:"SK,range"`
	DueShard string `dynamo:",omitempty" index:"Due,hash"`
	DueAt    string `dynamo:",omitempty" index:"Due,range"`
	BoxUser
}

func userKey(id backup.BoxUserID) string { return "USER#" + string(id) }

func (t *Table) updateUser(u BoxUser) *dynamo.Update {
	return t.table.Update("PK", partition(u.Account, u.Task)).Range("SK", userKey(u.ID))
}

// BoxUser returns one Box user of a task, or a NotFound error.
func (t *Table) BoxUser(ctx context.Context, account backup.AccountID, task backup.TaskID, id backup.BoxUserID) (BoxUser, error) {
	var item userItem
	err := t.table.Get("PK", partition(account, task)).Range("SK", dynamo.Equal, userKey(id)).Consistent(true).One(ctx, &item)
	if errors.Is(err, dynamo.ErrNotFound) {
		return BoxUser{}, backup.Errorf(backup.NotFound, "This Box user does not exist.")
	}
	return item.BoxUser, wrap(err, "Box user %s of task %s", id, task)
}

// BoxUsers yields the Box users of a task in the order of their ids.
func (t *Table) BoxUsers(ctx context.Context, account backup.AccountID, task backup.TaskID) iter.Seq2[BoxUser, error] {
	return t.BoxUsersAfter(ctx, account, task, "")
}

// BoxUsersAfter yields those whose ids come after the given one.
func (t *Table) BoxUsersAfter(ctx context.Context, account backup.AccountID, task backup.TaskID, after backup.BoxUserID) iter.Seq2[BoxUser, error] {
	return eachUser(ctx, task, t.queryUsers(account, task, after).Consistent(true))
}

// readAtOnce is how many Box users one query reads at most, about as many as
// make up the 1 MB at which DynamoDB ends a page. Without a bound DynamoDB Local
// reads for each page all that is left.
const readAtOnce = 1000

func (t *Table) queryUsers(account backup.AccountID, task backup.TaskID, after backup.BoxUserID) *dynamo.Query {
	from := userKey(after)
	if after != "" {
		from += "\x00" // the first key behind it
	}
	return t.table.Get("PK", partition(account, task)).Range("SK", dynamo.Between, from, "USER$").SearchLimit(readAtOnce)
}

// eachUser yields what a query of Box users finds on all its pages.
func eachUser(ctx context.Context, task backup.TaskID, query *dynamo.Query) iter.Seq2[BoxUser, error] {
	return func(yield func(BoxUser, error) bool) {
		for {
			page := query.Iter()
			var item userItem
			for page.Next(ctx, &item) {
				if !yield(item.BoxUser, nil) {
					return
				}
				item = userItem{}
			}
			next, err := page.LastEvaluatedKey(ctx)
			if err = errors.Join(page.Err(), err); err != nil {
				yield(BoxUser{}, fmt.Errorf("Box users of task %s: %w", task, err))
				return
			}
			if next == nil {
				return
			}
			query.StartFrom(next)
		}
	}
}

// Named returns those of the Box users who exist, in the order of their ids.
func (t *Table) Named(ctx context.Context, account backup.AccountID, task backup.TaskID, ids []backup.BoxUserID) ([]BoxUser, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	keys := make([]dynamo.Keyed, len(ids))
	for i, id := range ids {
		keys[i] = dynamo.Keys{partition(account, task), userKey(id)}
	}
	var items []userItem
	err := t.table.Batch("PK", "SK").Get(keys...).Consistent(true).All(ctx, &items)
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return nil, fmt.Errorf("%d Box users of task %s: %w", len(ids), task, err)
	}
	users := make([]BoxUser, len(items))
	for i, item := range items {
		users[i] = item.BoxUser
	}
	slices.SortFunc(users, func(a, b BoxUser) int { return cmp.Compare(a.ID, b.ID) })
	return users, nil
}

// Discovered stores what Box says of a Box user, known or new, and reports
// whether it is new. A new one is Not Active, or Scheduled when active.
func (t *Table) Discovered(ctx context.Context, u BoxUser, active bool) (bool, error) {
	status := backup.NotActive
	if active {
		status = backup.Scheduled
	}
	item := userItem{PK: partition(u.Account, u.Task), SK: userKey(u.ID), BoxUser: BoxUser{
		Account: u.Account, Task: u.Task, ID: u.ID, Name: u.Name, Login: u.Login, BoxStatus: u.BoxStatus, Dormant: u.Dormant,
		Active: active, Status: status,
	}}
	if active {
		item.Activated = t.Now()
	}
	err := t.table.Put(item).If("attribute_not_exists(PK)").Run(ctx)
	if !dynamo.IsCondCheckFailed(err) {
		return err == nil, wrap(err, "new Box user %s", u.ID)
	}
	err = t.updateUser(u).Set("Name", u.Name).Set("Login", u.Login).Set("BoxStatus", u.BoxStatus).If("attribute_exists(PK)").Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return false, nil // removed for good just now; the next scan finds it anew
	}
	return false, wrap(err, "known Box user %s", u.ID)
}

// Waken notes that a Dormant Box user is active at Box, and reports whether that
// activated it: it does where activate says so, unless somebody has decided
// otherwise meanwhile, and activated, paused or deleted it.
func (t *Table) Waken(ctx context.Context, u BoxUser, activate bool) (bool, error) {
	if activate {
		err := t.updateUser(u).Set("Active", true).Set("Activated", t.Now()).Set("Status", backup.Scheduled).Remove("Dormant").
			If("Dormant = ? AND 'Status' = ?", true, backup.NotActive).
			If("attribute_not_exists('Deleted') AND attribute_not_exists(RunID)").Run(ctx)
		if !dynamo.IsCondCheckFailed(err) {
			return err == nil, wrap(err, "activation of Box user %s", u.ID)
		}
	}
	err := t.updateUser(u).Remove("Dormant").If("attribute_exists(PK)").Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		err = nil // removed for good just now; the next scan finds it anew
	}
	return false, wrap(err, "Box user %s, who is active at Box", u.ID)
}

// Activate makes scheduled runs back the Box user up from now on. Like Pause, it
// is a Conflict where the Box user has left or the backup was deleted.
func (t *Table) Activate(ctx context.Context, u BoxUser) error {
	return t.setActive(ctx, u, true, backup.Scheduled, backup.NotActive, backup.Paused)
}

// Pause stops scheduled runs of the Box user; what is backed up stays.
func (t *Table) Pause(ctx context.Context, u BoxUser) error {
	return t.setActive(ctx, u, false, backup.Paused, backup.Scheduled, backup.Success, backup.Partial, backup.Failed)
}

// setActive also changes the status where it is one of those given: a run
// under way keeps In Process until it ends. Both change at once, on condition that
// the status still is what it was taken for.
func (t *Table) setActive(ctx context.Context, u BoxUser, active bool, to backup.Status, from ...backup.Status) error {
	for {
		up := t.updateUser(u).Set("Active", active).If("'Status' = ?", u.Status).
			If("attribute_not_exists('Deleted') AND attribute_not_exists(Archived)")
		if active {
			up.SetIfNotExists("Activated", t.Now())
		} else {
			up.Remove("Activated")
		}
		if slices.Contains(from, u.Status) {
			up.Set("Status", to)
		}
		err := up.Run(ctx)
		if !dynamo.IsCondCheckFailed(err) {
			return wrap(err, "activity of Box user %s", u.ID)
		}
		if u, err = t.BoxUser(ctx, u.Account, u.Task, u.ID); err == nil {
			err = u.refuse()
		}
		if err != nil {
			return err
		}
	}
}
