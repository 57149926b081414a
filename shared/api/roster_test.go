package api_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"coffer/shared/api"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// row is a Box user as the table has it.
func row(u task.BoxUser) map[string]types.AttributeValue {
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	number := func(n int64) types.AttributeValue {
		return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
	}
	out := map[string]types.AttributeValue{
		"PK": text(string(u.Account) + "#" + string(u.Task)), "SK": text("USER#" + string(u.ID)),
		"Account": text(string(u.Account)), "Task": text(string(u.Task)), "ID": text(string(u.ID)), "Name": text(u.Name), "Login": text(u.Login),
		"BoxStatus": text("active"), "Status": text(string(u.Status)), "Items": number(u.Items), "Size": number(u.Size),
		"Active": &types.AttributeValueMemberBOOL{Value: u.Active},
	}
	for name, at := range map[string]time.Time{"FirstBackup": u.FirstBackup, "LastBackup": u.LastBackup, "Deleted": u.Deleted} {
		if !at.IsZero() {
			out[name] = text(at.UTC().Format(time.RFC3339Nano))
		}
	}
	if u.Catalog != nil {
		out["Catalog"] = &types.AttributeValueMemberB{Value: u.Catalog}
	}
	if len(u.Tags) > 0 {
		set := &types.AttributeValueMemberSS{}
		for _, tag := range u.Tags {
			set.Value = append(set.Value, string(tag))
		}
		out["Tags"] = set
	}
	return out
}

// put writes rows of Box users.
func (p *product) put(users ...task.BoxUser) {
	p.t.Helper()
	client := dynamodb.NewFromConfig(p.cloud.AWS)
	for len(users) > 0 {
		n := min(25, len(users))
		var writes []types.WriteRequest
		for _, u := range users[:n] {
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: row(u)}})
		}
		users = users[n:]
		out, err := client.BatchWriteItem(p.t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{p.rows: writes}})
		if err != nil {
			p.t.Fatal(err)
		}
		if n := len(out.UnprocessedItems); n > 0 {
			p.t.Fatalf("%d tables have rows that were not written", n)
		}
	}
}

// someone is a Box user like no other.
func someone(r *rand.Rand, id int, now time.Time) task.BoxUser {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	statuses := []backup.Status{backup.NotActive, backup.Scheduled, backup.Success, backup.Partial, backup.Failed, backup.Paused, backup.Archived}
	u := task.BoxUser{
		ID: backup.BoxUserID(strconv.Itoa(100 + id)), Status: statuses[r.IntN(len(statuses))],
		Name: pick("Ann", "bob", "Çelik", "Δelta", "łódź", "") + pick(" ", "  ", "") + pick("Archer", "ÅRE", "baker", "\x00", "😀"),
	}
	u.Login = fmt.Sprintf("%s%d@acme.example", pick("ann", "Bob", "c"), r.IntN(50))
	if r.IntN(3) > 0 {
		u.Items, u.Size = r.Int64N(5), r.Int64N(1<<40)
		u.FirstBackup = now.Add(-time.Duration(r.IntN(20)) * time.Hour)
		u.LastBackup = u.FirstBackup.Add(time.Duration(r.IntN(3)) * time.Minute)
	}
	for _, tag := range []backup.TagID{"sales", "berlin", backup.LimitedAccess} {
		if r.IntN(4) == 0 {
			u.Tags = append(u.Tags, tag)
		}
	}
	switch r.IntN(8) {
	case 0:
		u.Deleted = now.Add(-time.Hour)
	case 1:
		u.Deleted = now.Add(-task.Grace - time.Hour)
	}
	return u
}

// crowded is a product with a task of so many Box users, and somebody else who
// looks at it.
type crowded struct {
	*product
	who, second *person
	path        string
	of          task.Task
	rows        *task.Table
}

func newCrowded(t testing.TB, n int, one func(i int) task.BoxUser) *crowded {
	t.Helper()
	c := &crowded{product: newProduct(t)}
	c.who = c.newPerson("ann@example.com")
	c.second = c.who.secondary("second@example.com")
	c.rows = c.archiver.Tasks
	var made tasks.Task
	c.who.ok("POST", "/api/tasks", map[string]any{"name": "Acme"}, &made)
	who, err := c.identity.Peek(t.Context(), c.who.cookie)
	if err != nil {
		t.Fatal(err)
	}
	c.of, c.path = task.Task{Account: who.Account, ID: backup.TaskID(made.ID)}, "/api/tasks/"+made.ID
	users := make([]task.BoxUser, n)
	for i := range users {
		users[i] = one(i)
		users[i].Account, users[i].Task = c.of.Account, c.of.ID
	}
	c.put(users...)
	return c
}

func (c *crowded) count() {
	c.t.Helper()
	if err := c.rows.Count(c.t.Context(), c.of.Account, c.of.ID); err != nil {
		c.t.Fatal(err)
	}
}

// list asks for all pages of a list.
func (c *crowded) list(who *person, query url.Values) (pages []tasks.BoxUserList) {
	c.t.Helper()
	query.Del("cursor")
	for {
		var page tasks.BoxUserList
		who.ok("GET", c.path+"/users?"+query.Encode(), nil, &page)
		query.Set("cursor", page.Next)
		next := page.Next != ""
		page.Next = ""
		pages = append(pages, page)
		if !next {
			return pages
		}
	}
}

// names are those of the Box users of a list, in its order.
func (c *crowded) names(who *person, query string) (names []string) {
	c.t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, page := range c.list(who, values) {
		for _, u := range page.Items {
			names = append(names, u.Name)
		}
	}
	return names
}

// TestRosterListsWhatTheRowsWouldList_L3_T1 asks for random lists of a task
// before its Box users were ever counted, which reads all rows, and after.
func TestRosterListsWhatTheRowsWouldList_L3_T1(t *testing.T) {
	t.Parallel()
	const seed = 7
	r := rand.New(rand.NewPCG(seed, seed))
	now := time.Now().Truncate(time.Millisecond)
	c := newCrowded(t, task.Few+100, func(i int) task.BoxUser { return someone(r, i, now) })
	type asked struct {
		who   *person
		query url.Values
		pages []tasks.BoxUserList
	}
	var all []asked
	for n := range 24 {
		query := url.Values{"limit": {strconv.Itoa(60 + r.IntN(141))}}
		for name, values := range map[string][]string{
			"status": {"Success", "Failed", "Archived"}, "tag": {"sales", "berlin", string(backup.LimitedAccess), "none"},
			"q": {"an", "ÅRE ", "b", "7@acme"}, "deleted": {"true"}, "backedUp": {"true"},
		} {
			if r.IntN(3) == 0 {
				query.Set(name, values[r.IntN(len(values))])
			}
		}
		sorts := []string{"name", "login", "status", "items", "size", "firstBackup", "lastBackup"}
		query.Set("sort", sorts[n%len(sorts)])
		query.Set("order", []string{"asc", "desc"}[r.IntN(2)])
		who := []*person{c.who, c.second}[n%2]
		all = append(all, asked{who, query, c.list(who, query)})
	}
	c.count()
	shown := 0
	for _, a := range all {
		got := c.list(a.who, a.query)
		// How old a list is depends on the time that all this takes.
		if diff := cmp.Diff(a.pages, got, cmpopts.IgnoreFields(tasks.BoxUserList{}, "Outdated")); diff != "" {
			t.Errorf("%v (-rows +roster):\n%s", a.query, diff)
		}
		for _, page := range got {
			shown += len(page.Items)
		}
	}
	if shown < 500 {
		t.Errorf("all lists together have %d Box users", shown)
	}
}

// TestListOfALargeTaskSaysWhatIsSo_L3 changes Box users after they were counted:
// who is on a page may be a moment old, what it says is not.
func TestListOfALargeTaskSaysWhatIsSo_L3(t *testing.T) {
	t.Parallel()
	c := newCrowded(t, task.Few+1, func(i int) task.BoxUser {
		return task.BoxUser{ID: backup.BoxUserID(fmt.Sprintf("%04d", i)), Name: fmt.Sprintf("User %04d", i), Status: backup.NotActive}
	})
	c.count()
	received[backup.CountMessage](c.product, c.counts)
	c.who.ok("POST", c.path+"/users/activate", map[string]any{"ids": []string{"0000", "0001"}}, nil)
	c.who.ok("POST", c.path+"/users/delete", map[string]any{"ids": []string{"0002"}}, nil)
	if _, err := c.rows.Discovered(t.Context(), task.BoxUser{Account: c.of.Account, Task: c.of.ID, ID: "0000a", Name: "User 0000a"}, false); err != nil {
		t.Fatal(err)
	}
	var page tasks.BoxUserList
	look := func(query string) []string {
		t.Helper()
		page = tasks.BoxUserList{}
		c.who.ok("GET", c.path+"/users?limit=4&"+query, nil, &page)
		var out []string
		for _, u := range page.Items {
			out = append(out, u.Name+" "+string(u.Status))
		}
		return out
	}
	c.ahead(2 * time.Second)
	for _, step := range []struct {
		query  string
		before []string
		after  []string
	}{
		{"", []string{"User 0000 Scheduled", "User 0001 Scheduled", "User 0003 Not Active"}, []string{"User 0000 Scheduled", "User 0000a Not Active", "User 0001 Scheduled", "User 0003 Not Active"}},
		{"status=Scheduled", nil, []string{"User 0000 Scheduled", "User 0001 Scheduled"}},
		{"status=Not+Active", []string{"User 0003 Not Active"}, []string{"User 0000a Not Active", "User 0003 Not Active", "User 0004 Not Active", "User 0005 Not Active"}},
		{"deleted=true", nil, []string{"User 0002 Not Active"}},
	} {
		if diff := cmp.Diff(step.before, look(step.query)); diff != "" || !page.Outdated {
			t.Errorf("%q before the count: outdated %t (-want +got):\n%s", step.query, page.Outdated, diff)
		}
	}
	if asked := received[backup.CountMessage](c.product, c.counts); len(asked) != 1 {
		t.Errorf("%d messages ask for a count", len(asked))
	}
	c.count()
	if diff := cmp.Diff([]string{"User 0000 Scheduled", "User 0000a Not Active", "User 0001 Scheduled", "User 0003 Not Active"}, look("")); diff != "" || page.Outdated {
		t.Errorf("after the count: outdated %t (-want +got):\n%s", page.Outdated, diff)
	}
	if diff := cmp.Diff(map[backup.Status]int{backup.Scheduled: 2, backup.NotActive: task.Few - 1}, page.ByStatus); diff != "" || *page.Total != task.Few+1 {
		t.Errorf("%d in all, by status (-want +got):\n%s", *page.Total, diff)
	}
	if diff := cmp.Diff([]string{"User 0002 Not Active"}, look("deleted=true")); diff != "" {
		t.Errorf("deleted after the count (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"User 0000 Scheduled", "User 0001 Scheduled"}, look("status=Scheduled")); diff != "" || page.ByStatus[backup.NotActive] != task.Few-1 {
		t.Errorf("scheduled after the count: %v (-want +got):\n%s", page.ByStatus, diff)
	}
}

// TestSecondaryUserSeesNothingOfLimitedBoxUsers_Z2_L3 lists and adds up few and
// many Box users, the largest of whom is limited.
func TestSecondaryUserSeesNothingOfLimitedBoxUsers_Z2_L3(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"few": 4, "many": task.Few + 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCrowded(t, n, func(i int) task.BoxUser {
				u := task.BoxUser{ID: backup.BoxUserID(fmt.Sprintf("%04d", i)), Name: fmt.Sprintf("User %04d", i), Status: backup.Success, Items: 1, Size: int64(i + 1)}
				if i == n-1 {
					u.Items, u.Size, u.Tags = 1000, 1<<40, []backup.TagID{backup.LimitedAccess}
				}
				return u
			})
			c.count()
			largest := fmt.Sprintf("User %04d", n-1)
			for who, want := range map[*person]struct {
				first string
				size  int64
				items int64
			}{
				c.who:    {largest, int64(n*(n-1)/2) + 1<<40, int64(n) + 999},
				c.second: {fmt.Sprintf("User %04d", n-2), int64(n * (n - 1) / 2), int64(n) - 1},
			} {
				names := c.names(who, "sort=size&order=desc&limit=200")
				if len(names) != n || names[0] != want.first || (names[n-1] == largest) == (who == c.who) {
					t.Errorf("%d by size, the first %s, the last %s", len(names), names[0], names[len(names)-1])
				}
				var list api.List[tasks.Task]
				var one tasks.Task
				who.ok("GET", "/api/tasks", nil, &list)
				who.ok("GET", c.path, nil, &one)
				for _, got := range []tasks.Totals{list.Items[0].Users, one.Users} {
					if got.Size != want.size || got.Items != want.items || got.Total != n {
						t.Errorf("%d items of %d bytes of %d Box users, want %d of %d", got.Items, got.Size, got.Total, want.items, want.size)
					}
				}
			}
		})
	}
}

// TestLimitedAccessIsCountedAtOnce_Z2 limits the access to the largest of many: the
// sums of before are said to be outdated until they are counted, which is begun
// without waiting for anybody to look or for the totals to have rested.
func TestLimitedAccessIsCountedAtOnce_Z2(t *testing.T) {
	t.Parallel()
	const n = task.Few + 1
	c := newCrowded(t, n, func(i int) task.BoxUser {
		return task.BoxUser{ID: backup.BoxUserID(fmt.Sprintf("%04d", i)), Name: fmt.Sprintf("User %04d", i), Status: backup.Success, Items: 1, Size: 1}
	})
	c.who.ok("GET", c.path, nil, nil) // which counts them
	size := func() tasks.Totals {
		var got tasks.Task
		c.second.ok("GET", c.path, nil, &got)
		return got.Users
	}
	received[backup.CountMessage](c.product, c.counts)
	for i, change := range []string{"add", "remove"} {
		c.who.ok("POST", c.path+"/users/tag", map[string]any{"ids": []string{"0007"}, change: []backup.TagID{backup.LimitedAccess}}, nil)
		if got := size(); !got.Outdated || got.Size != int64(n-i) {
			t.Errorf("%s: before the count: %+v", change, got)
		}
		var asked []backup.CountMessage
		for deadline := time.Now().Add(20 * time.Second); len(asked) == 0 && time.Now().Before(deadline); {
			asked = received[backup.CountMessage](c.product, c.counts)
		}
		if len(asked) != 1 || asked[0].Task != c.of.ID {
			t.Fatalf("%s: asked %+v", change, asked)
		}
		c.count()
		if got := size(); got.Outdated || got.Size != int64(n-1+i) {
			t.Errorf("%s: after the count: %+v", change, got)
		}
	}
}
