package job

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
		"job": jobItem{PK: "acme", SK: jobKey("j1"), DueShard: shardOf("j1"), DueAt: stamp(at), Job: Job{
			Account: "acme", ID: "j1", Kind: Restore, Label: "Back", Task: "files", TaskName: "Files", BoxUser: "7", UserName: "Bob",
			UserLogin: "bob@acme.example", Snapshot: "s1", Same: "s0", Taken: at, Whole: true, Mode: backup.Replace,
			Include: Include{Versions: true, Sharing: true, Comments: true, Metadata: true}, Initiator: "ada@acme.example", By: "u1",
			Status: backup.JobInProgress, Created: at, Started: at, Total: 1, TotalBytes: 6, Done: 2, Skipped: 3, Failed: 4, Bytes: 5, Cancel: true,
			Owner: "w", Until: at.UnixMilli(),
			Destination: &Destination{BoxUser: "8", UserName: "Eve", UserLogin: "eve@acme.example", Folder: "9", FolderName: "In"},
		}},
		"entry": entryItem{PK: ledger("acme", "j1"), SK: "ITEM#file:1", Entry: Entry{
			Ref: backup.ItemRef{Kind: backup.File, ID: "1"}, Name: "a.txt", Outcome: Created, BoxID: "2", Size: 3, Reason: "Because.",
		}},
		"choices": choiceItem{PK: ledger("acme", "j1"), SK: "CHOICE#000000", Items: []string{"file:1", "folder:2"}},
	} {
		var err error
		if items[name], err = dynamo.MarshalItem(item); err != nil {
			t.Fatal(err)
		}
	}
	golden.JSON(t, "testdata/items.json", items)
}
