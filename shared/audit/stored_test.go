package audit

import (
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/scripts/golden"
)

func TestItemsAreStoredAsTheGoldenFileSays(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 1, 2, 3, 4e6, time.UTC)
	items := map[string]any{}
	for name, item := range map[string]any{
		"activity": activityItem{PK: partition("acme"), SK: ID(at, "s1"), Activity: Activity{
			Account: "acme", ID: ID(at, "s1"), At: at, Kind: Backup, Status: "Succeeded", Task: "files", TaskName: "Files",
			BoxUser: "7", BoxUserName: "Bob", Item: "bob@acme.example", Duration: time.Minute, Bytes: 1, Records: 2, Description: "Fine.",
		}},
	} {
		var err error
		if items[name], err = dynamo.MarshalItem(item); err != nil {
			t.Fatal(err)
		}
	}
	golden.JSON(t, "testdata/items.json", items)
}
