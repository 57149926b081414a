package content

import (
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/scripts/golden"
	"coffer/shared/backup"
	"coffer/shared/vault"
)

func TestItemsAreStoredAsTheGoldenFileSays(t *testing.T) {
	t.Parallel()
	id := vault.ID{Account: "acme", Task: "box"}
	row := vault.Row{
		Content: backup.Content{SHA1: backup.SHA1{0xab, 0xcd}, Size: 1234}, Format: 1, CRC32: 0xdeadbeef, Key: []byte("wrapped"),
		Parts: []vault.Part{{Pack: "pack", Offset: 99, Length: 1300}},
	}
	small, err := itemOf(id, row)
	if err != nil {
		t.Fatal(err)
	}
	row.Content.Size = 200 << 20
	row.Parts = []vault.Part{{Pack: "one", Length: 100}, {Pack: "two", Length: 200}}
	large, err := progressOf(id, vault.Progress{Row: row, SHA1: []byte("state"), Version: 2, Updated: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	items := map[string]any{}
	for name, item := range map[string]any{"row": small, "progress": large} {
		if items[name], err = dynamo.MarshalItem(item); err != nil {
			t.Fatal(err)
		}
	}
	golden.JSON(t, "testdata/items.json", items)
}

func FuzzRowKey(f *testing.F) {
	f.Add(rowKey(backup.Content{SHA1: backup.SHA1{1}, Size: 5}))
	f.Add("#")
	f.Add("00#-1")
	f.Fuzz(func(t *testing.T, key string) {
		c, err := parseRowKey(key)
		if err == nil && rowKey(c) != key {
			t.Errorf("%q was read as %v", key, c)
		}
	})
}
