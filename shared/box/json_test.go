package box

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
)

func TestItemsAreReadAsBoxWritesThem(t *testing.T) {
	t.Parallel()
	at := time.Date(2020, 1, 2, 11, 4, 5, 0, time.UTC)
	for name, test := range map[string]struct {
		text string
		want Item
	}{
		"large sizes are floats": {`{"type":"folder","id":"1","size":1.23e+15}`, Item{Kind: backup.Folder, ID: "1", Size: 1_230_000_000_000_000}},
		"beyond all bounds":      {`{"id":"1","size":1.23e+31}`, Item{ID: "1", Size: math.MaxInt64}},
		"nulls": {
			`{"type":"file","id":"1","etag":null,"size":null,"tags":null,"created_at":null,"created_by":null,"parent":null,"shared_link":null}`,
			Item{Kind: backup.File, ID: "1"},
		},
		"numbers for ids":   {`{"id":12345678901234567890,"etag":3}`, Item{ID: "12345678901234567890", ETag: "3"}},
		"times with a zone": {`{"id":"1","modified_at":"2020-01-02T03:04:05-08:00"}`, Item{ID: "1", ModifiedAt: at}},
		"nonsense is absent": {
			`{"id":"1","name":{},"tags":"a","size":"big","created_at":7,"owned_by":[1],"is_externally_owned":"yes"}`,
			Item{ID: "1"},
		},
		"users without a number": {`{"id":"1","modified_by":{"type":"user","id":"box_support","name":"Box"}}`, Item{ID: "1", ModifiedBy: Mini{Type: "user", ID: "box_support", Name: "Box"}}},
		"a current version": {
			`{"type":"file","id":"1","file_version":{"type":"file_version","id":"9","sha1":"ab"},"sha1":"ab"}`,
			Item{Kind: backup.File, ID: "1", VersionID: "9", SHA1: "ab"},
		},
		"what is new": {
			`{"id":"1","lock":{"id":"5"},"order":{"by":"id"},"classification":null}`,
			Item{ID: "1", Extra: map[string]json.RawMessage{"lock": json.RawMessage(`{"id":"5"}`), "order": json.RawMessage(`{"by":"id"}`)}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got Item
			if err := json.Unmarshal([]byte(test.text), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEventsOfAllStreamsAreRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		item *Item
		user Mini
	}{
		"a user's stream":   {`{"type":"file","id":"1","name":"a"}`, &Item{Kind: backup.File, ID: "1", Name: "a"}, Mini{}},
		"the enterprise's":  {`{"item_type":"folder","item_id":"2","item_name":"b"}`, &Item{Kind: backup.Folder, ID: "2", Name: "b"}, Mini{}},
		"a collaboration":   {`{"folder_id":"3","folder_name":"c","user_id":"4","user_name":"Ann"}`, &Item{Kind: backup.Folder, ID: "3", Name: "c"}, Mini{Type: "user", ID: "4", Name: "Ann"}},
		"a comment":         {`{"type":"comment","id":"8","item":{"type":"file","id":"1","name":"a"}}`, &Item{Kind: backup.File, ID: "1", Name: "a"}, Mini{}},
		"an assignment":     {`{"type":"task_assignment","id":"9","item":{"type":"file","id":"1"}}`, &Item{Kind: backup.File, ID: "1"}, Mini{}},
		"a reply":           {`{"type":"comment","id":"8","item":{"type":"comment","id":"7"}}`, nil, Mini{}},
		"a user":            {`{"type":"user","id":"5","name":"Bob","login":"b@acme.example"}`, nil, Mini{Type: "user", ID: "5", Name: "Bob", Login: "b@acme.example"}},
		"nothing":           {`null`, nil, Mini{}},
		"something unknown": {`{"type":"hub","id":"6"}`, nil, Mini{}},
		"nonsense":          {`[1]`, nil, Mini{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var e Event
			if err := json.Unmarshal([]byte(`{"event_id":"7","event_type":"X","source":`+test.text+`}`), &e); err != nil {
				t.Fatal(err)
			}
			if e.Item != nil {
				e.Item.Extra = nil
			}
			if diff := cmp.Diff(e.Item, test.item) + cmp.Diff(e.User, test.user); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzItem(f *testing.F) {
	for _, seed := range []string{`{}`, `{"id":"1","size":1e400,"tags":[""],"lock":{}}`, `{"id":null,"parent":{"id":0}}`, `[]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var item Item
		var event Event
		_ = json.Unmarshal(data, &event)
		if json.Unmarshal(data, &item) != nil {
			return
		}
		if _, err := json.Marshal(item.Extra); err != nil {
			t.Error(err)
		}
	})
}
