package task

import (
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/scripts/golden"
	"coffer/shared/backup"
)

func TestItemsAreStoredAsTheGoldenFileSays(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 1, 2, 3, 4e6, time.UTC)
	items := map[string]any{}
	for name, item := range map[string]any{
		"task": taskItem{
			PK: "acme", SK: taskKey("files"), DueShard: shard("task", "files"), DueAt: stamp(at), Claimed: at.Format(time.RFC3339Nano),
			Task: Task{
				Account: "acme", ID: "files", Name: "Files", Enterprise: "800", EnterpriseName: "Acme", Administrator: "ada@acme.example",
				Connection: backup.Disconnected, Reason: "Revoked.", Grant: backup.JWT, Frequency: Weekly, Hour: 23, AutoActivate: true,
				VaultKey: []byte("sealed"), NextRun: at, Created: at, Authorised: at, Deleted: at, DeletedFor: "r4", Purging: true, SweepAt: at, PeopleAt: at, People: "20260301T010203Z",
				Mark: &Mark{Started: at, After: "7", Noted: true, Parts: []string{"p1"}, Swept: 9, Waiting: true, Saves: 2},
				Policy: Policy{
					Versions: true, Trash: true, Unsearched: true, Retention: Retention{Number: 7, Unit: Years},
					ArchiveDays: 90, Ceiling: 50000, Concurrency: 5,
				},
				Verification: Verification{VerifiedTo: "0a", Damage: "A pack is damaged.", DamageAt: at},
				Overdue:      Overdue{Overdue: 3, OverdueReason: "No backup was started."},
				Stream:       Stream{Feed: UserFeed, FeedReason: "Forbidden.", Position: "115", ReadAt: at, Since: at, Bridged: at},
			},
		},
		"new task": taskItem{PK: "acme", SK: taskKey("new"), Task: Task{Account: "acme", ID: "new", Frequency: Daily, Hour: 1, Created: at}},
		"Box user between runs": userItem{
			PK: partition("acme", "files"), SK: userKey("7"),
			BoxUser: BoxUser{
				Account: "acme", Task: "files", ID: "7", Name: "Bob", Login: "bob@acme.example", BoxStatus: "active", Active: true, Activated: at,
				Status: backup.Success, Snapshot: "s1", Same: "s0", Began: at, FirstBackup: at, LastBackup: at, Items: 5, Size: 6, Catalog: []byte("{}"), Cursor: "99",
				RunSlot: stamp(at), RunFor: "r1", CancelFor: "r3", DeletedFor: "r2", External: 2, Reconciled: at, Drift: 3, Tags: []backup.TagID{backup.LimitedAccess}, Archived: at, Deleted: at,
				Verified: at, Damage: "Three files are lost.",
				Held: "Most of it was deleted.", Caution: []byte("{}"), Leaving: at, WasActive: true, Purging: true,
			},
		},
		"Box user in a run": userItem{
			PK: partition("acme", "files"), SK: userKey("8"), DueShard: shard("run", "files8"), DueAt: stamp(at),
			BoxUser: BoxUser{
				Account: "acme", Task: "files", ID: "8", Status: backup.InProcess, RunID: "s2", RunAsked: at, RunOwner: "w", RunUntil: at.UnixMilli(),
				RunAttempts: 2, RunSilent: 1, RunAt: []byte("{}"), Checkpoint: []byte("{}"), Progress: &Progress{Phase: "Listing", Items: 1, Started: at, Updated: at}, Cancel: true, RunStopped: "The ceiling is reached.", RunOut: true,
			},
		},
		"tag":      tagItem{PK: partition("acme", "files"), SK: tagKey("t1"), Tag: Tag{Account: "acme", Task: "files", ID: "t1", Name: "Sales", Created: at}},
		"tag name": nameItem{PK: partition("acme", "files"), SK: nameKey("Sales"), ID: "t1"},
		"hints": hintItem{PK: partition("acme", "files"), SK: hintKey("7", "115-116"), Items: []Hint{
			{ItemRef: backup.ItemRef{Kind: backup.Folder, ID: "5"}, Parent: "4", Renewed: true, Deleted: true, Tasked: true, Actor: "8", Owner: "9", Lost: true, Passes: 1},
		}},
		"token": tokenItem{PK: partition("acme", "files"), SK: "TOKEN", Sealed: []byte("sealed"), Version: 3, Until: at.UnixMilli()},
		"runs out": runsItem{
			PK: partition("acme", "files"), SK: runsKey, DueShard: shard("fill", "files"), DueAt: stamp(at),
			Account: "acme", Task: "files", Out: []backup.BoxUserID{"7", "8"},
		},
		"watch": watchItem{
			PK: partition("acme", "files"), SK: watchKey, DueShard: shard("watch", "files"), DueAt: stamp(at), Watch: Watch{Account: "acme", Task: "files", Told: at},
		},
		"totals": totalsItem{
			PK: partition("acme", "files"), SK: totalsKey, At: at, Asked: at, Changes: 3, Counted: 2, Roster: "r1", Parts: 2, Totals: Totals{
				Rows: 9, Total: 7, Active: 4, Archived: 1, Deleted: 1, Items: 12, Size: 345, LimitedItems: 2, LimitedSize: 45, LastBackup: at, Outdated: true,
				ByStatus: map[backup.Status]int{backup.Success: 6, backup.Archived: 1}, ByTag: map[backup.TagID]int{backup.LimitedAccess: 1},
			},
		},
		"e-mail about deletions": mailItem{
			PK: "acme", SK: mailKey("r2"), DueShard: shard("mail", "r2"), DueAt: stamp(at), Mail: Mail{
				Deletion: "r2", Task: "files",
				Message: backup.MailMessage{ID: "r2", Account: "acme", To: "ada@acme.example", Template: "users-deleted", Data: map[string]string{"by": "ada@acme.example"}},
			},
		},
		"damages":          damagesItem{PK: partition("acme", "files"), SK: damagesKey, Damages: Damages{Waiting: []string{"a"}, Known: []string{"b", "c"}}},
		"part of a roster": rosterItem{PK: partition("acme", "files"), SK: rosterKey("r1") + "#0000", Part: []byte("packed")},
		"credentials":      tokenItem{PK: partition("acme", "apps"), SK: "TOKEN", Version: 4, Credentials: []byte("sealed")},
	} {
		var err error
		if items[name], err = dynamo.MarshalItem(item); err != nil {
			t.Fatal(err)
		}
	}
	golden.JSON(t, "testdata/items.json", items)
}
