package recovery

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

func TestDetailsAreToldAsTheyWere(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 1, 2, 3, 0, time.UTC)
	ada, bob := catalog.Person{ID: "7", Name: "Ada", Login: "ada@acme.example"}, catalog.Person{ID: "8", Login: "bob@acme.example"}
	for name, pair := range map[string][2]any{
		"task": {
			describeItemTask(catalog.Task{Action: "review", Message: "Look", By: ada, Due: at, Created: at, Assignments: []catalog.Assignment{{ID: "1", To: bob, State: "incomplete"}}}),
			ItemTask{Action: "review", Message: "Look", By: "Ada", Due: at, Created: at, Assignees: []Assignee{{Who: "bob@acme.example", Login: "bob@acme.example", State: "incomplete"}}},
		},
		"version": {
			describeVersion(catalog.PastVersion{ID: "3", Number: 2, Name: "a", Content: backup.Content{Size: 5}, State: catalog.Complete, ModifiedAt: at, ModifiedBy: "ada"}),
			Version{ID: "3", Number: 2, Name: "a", Size: 5, SHA1: backup.SHA1{}.String(), State: "complete", Modified: at, ModifiedBy: "ada"},
		},
		"version without its content": {
			describeVersion(catalog.PastVersion{ID: "3", State: catalog.Absent}), Version{ID: "3", SHA1: backup.SHA1{}.String(), State: "absent"},
		},
		"group": {
			describeCollaboration(catalog.Collaboration{Who: catalog.Person{Type: "group", ID: "9", Name: "Sales"}, Role: "viewer", Status: "accepted", Expires: at, Created: at}),
			Collaboration{Who: "Sales", Group: true, Role: "viewer", Status: "accepted", Expires: at, Created: at},
		},
		"invited": {
			describeCollaboration(catalog.Collaboration{Invited: "eve@elsewhere.example", Status: "pending"}),
			Collaboration{Who: "eve@elsewhere.example", Login: "eve@elsewhere.example", Status: "pending"},
		},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s (-got +want):\n%s", name, diff)
		}
	}

	var got ItemDetails
	err := got.extra(json.RawMessage(`{
		"shared_link":{"url":"https://x.example/s/1","access":"open","vanity_name":"plan","is_password_enabled":true,"unshared_at":"2027-01-01T00:00:00Z","permissions":{"can_download":true}},
		"classification":{"name":"Secret"},
		"metadata":{"global":{"properties":{"$id":"1","size":12345678901234567890}}}}`),
		[]json.RawMessage{[]byte(`{"$scope":"enterprise_1","$template":"b","$id":"2","colour":"red"}`), []byte(`{"$scope":"enterprise_1","$template":"a"}`)})
	want := ItemDetails{
		SharedLink:     &SharedLink{URL: "https://x.example/s/1", Access: "open", Vanity: "plan", Password: true, Expires: "2027-01-01T00:00:00Z", CanDownload: true},
		Classification: "Secret",
		Metadata: []Metadata{
			{"enterprise_1", "a", map[string]any{}},
			{"enterprise_1", "b", map[string]any{"colour": "red"}},
			{"global", "properties", map[string]any{"size": json.Number("12345678901234567890")}},
		},
	}
	if diff := cmp.Diff(got, want); diff != "" || err != nil {
		t.Errorf("%v (-got +want):\n%s", err, diff)
	}
}

func TestDetailsBeyondAThousandAreLeftOutAndThatIsSaid(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]bool{0: false, 1000: false, 1001: true} {
		var d ItemDetails
		told := first(&d, make([]int, n), func(i int) string { return fmt.Sprint(i) })
		if len(told) != min(n, 1000) || d.Shortened != want {
			t.Errorf("of %d: %d are told, shortened %t", n, len(told), d.Shortened)
		}
		if first(&d, []int{1}, func(i int) string { return "" }); d.Shortened != want {
			t.Errorf("after one of another kind: shortened %t, want %t", d.Shortened, want)
		}
	}
}
