package snapshot

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
		"snapshot": item{PK: partition("acme", "files", "7"), SK: "s1", Snapshot: Snapshot{
			Account: "acme", Task: "files", BoxUser: "7", ID: "s1", Status: backup.Partial, Method: UserStream, Taken: at, Started: at, Ended: at,
			Items: 1, Files: 2, Folders: 3, WebLinks: 4, Bytes: 5, Added: 6, Changed: 7, Fresh: backup.Kinds{Files: 6, Folders: 5, WebLinks: 2}, Removed: 8, Failed: 9, Lost: backup.Kinds{Files: 7, Folders: 2}, Absent: 1, Stored: 10, Calls: 11,
		}},
	} {
		var err error
		if items[name], err = dynamo.MarshalItem(item); err != nil {
			t.Fatal(err)
		}
	}
	golden.JSON(t, "testdata/items.json", items)
}
