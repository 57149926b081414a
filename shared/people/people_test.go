package people_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"coffer/scripts/local/localtest"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/bucket"
	"coffer/shared/connection"
	"coffer/shared/keys"
	"coffer/shared/people"
	"coffer/shared/queue"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// company is a simulated enterprise and the keeper of its lists.
type company struct {
	*people.Keeper
	sim     *boxsim.Sim
	box     string             // address
	token   string             // of Ada
	users   []backup.BoxUserID // Ada first
	objects vault.Objects
	now     time.Time
}

func newCompany(t *testing.T) *company {
	t.Helper()
	cloud := localtest.Start(t)
	c := &company{sim: boxsim.New(boxsim.Options{Seed: 1, PageSize: 2}), now: time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC)}
	server := httptest.NewServer(c.sim)
	t.Cleanup(server.Close)
	enterprise := c.sim.AddEnterprise("Acme")
	app := enterprise.AddApp("", "", "https://coffer.example/callback")
	c.users = append(c.users, enterprise.AddUser("Ada", "ada@acme.example", boxsim.Admin))
	for _, name := range []string{"Bob", "Cem", "Dee", "Eli"} {
		c.users = append(c.users, enterprise.AddUser(name, strings.ToLower(name)+"@acme.example", boxsim.Member))
	}
	ring := keys.New(cloud.AWS, cloud.Key(t))
	tasks := task.New(cloud.AWS, cloud.Table(t, localtest.Due))
	tasks.Now = func() time.Time { return c.now }
	key, err := vault.NewKey(t.Context(), vault.ID{Account: "acme", Task: "files"}, ring)
	must(t, err)
	must(t, tasks.Create(t.Context(), task.Task{Account: "acme", ID: "files", Name: "Files", Connection: backup.Connected, VaultKey: key}))
	connections := connection.New(
		box.App{ClientID: app.ClientID, ClientSecret: app.ClientSecret},
		box.Config{API: server.URL, Upload: server.URL, Account: server.URL},
		tasks, ring, audit.New(cloud.AWS, cloud.Table(t)), queue.New[backup.MailMessage](cloud.AWS, cloud.Queue(t)))
	pair := app.Pair(c.users[0])
	must(t, connections.Tokens("acme", "files").Store(t.Context(), pair))
	c.token, c.box = pair.Access, server.URL
	c.objects = bucket.New(cloud.AWS, cloud.Bucket(t))
	c.Keeper = &people.Keeper{
		Tasks: tasks, Connections: connections, Dir: t.TempDir(),
		Vault: func(ctx context.Context, t task.Task) (*vault.Vault, error) {
			return vault.Open(ctx, vault.ID{Account: t.Account, Task: t.ID}, t.VaultKey, c.objects, nil, ring)
		},
	}
	return c
}

// call changes something at Box, as Ada, and returns the id of what it made.
func (c *company) call(t *testing.T, method, path string, body any) string {
	t.Helper()
	text, err := json.Marshal(body)
	must(t, err)
	req, err := http.NewRequestWithContext(t.Context(), method, c.box+"/2.0/"+path, bytes.NewReader(text))
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	var made struct{ ID string }
	if resp.StatusCode >= 300 {
		t.Fatalf("%s %s: %s", method, path, resp.Status)
	}
	if resp.StatusCode != http.StatusNoContent {
		must(t, json.NewDecoder(resp.Body).Decode(&made))
	}
	return made.ID
}

type object map[string]any

// group makes a group of the users with these ids.
func (c *company) group(t *testing.T, name string, users ...backup.BoxUserID) string {
	t.Helper()
	id := c.call(t, http.MethodPost, "groups", object{"name": name})
	for _, u := range users {
		c.call(t, http.MethodPost, "group_memberships", object{"user": object{"id": u}, "group": object{"id": id}, "role": "member"})
	}
	return id
}

// keep asks again after some time, and returns the names of all lists.
func (c *company) keep(t *testing.T, later time.Duration) []string {
	t.Helper()
	c.now = c.now.Add(later)
	must(t, c.Keep(t.Context(), backup.RunMessage{Account: "acme", Task: "files", People: true}))
	names, err := c.vault(t).ListPeople(t.Context())
	must(t, err)
	return names
}

func (c *company) vault(t *testing.T) *vault.Vault {
	t.Helper()
	stored, err := c.Tasks.Task(t.Context(), "acme", "files")
	must(t, err)
	v, err := c.Vault(t.Context(), stored)
	must(t, err)
	return v
}

// list is what a list says, in short: users by login, groups with members.
func (c *company) list(t *testing.T, name string) (lines []string) {
	t.Helper()
	var out bytes.Buffer
	must(t, c.vault(t).GetPeople(t.Context(), name, &out))
	for line := range strings.Lines(out.String()) {
		var in struct {
			Format  int
			Groups  bool
			Why     string
			User    struct{ Login, Role, Status string }
			Group   struct{ Name string }
			Members []struct {
				Role string
				User struct{ Login string }
			}
		}
		must(t, json.Unmarshal([]byte(line), &in))
		switch {
		case in.Format == 1:
			lines = append(lines, strings.TrimSpace("head "+in.Why))
		case in.User.Login != "":
			lines = append(lines, in.User.Login+" "+in.User.Role+" "+in.User.Status)
		default:
			text := "group " + in.Group.Name
			for _, m := range in.Members {
				text += " " + m.User.Login + "=" + m.Role
			}
			lines = append(lines, text)
		}
	}
	return lines
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const week = 7 * 24 * time.Hour

// Who was in which group on a day is told by the list that held then. Nothing is
// stored while nothing has changed, or asked before a week is over.
func TestListsTellWhoWasInTheEnterprise_D1(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	users := c.users
	sales := c.group(t, "Sales", users[1], users[2], users[3])
	c.group(t, "Empty")
	first := c.keep(t, 0)
	before := c.sim.Stats().Calls
	if again := c.keep(t, week-time.Second); len(first) != 1 || !slices.Equal(again, first) || c.sim.Stats().Calls != before {
		t.Fatalf("the lists are %v, then %v, with %d calls", first, again, c.sim.Stats().Calls-before)
	}
	if again := c.keep(t, time.Second); !slices.Equal(again, first) || c.sim.Stats().Calls == before {
		t.Fatalf("a week later, with nothing changed, the lists are %v", again)
	}
	c.call(t, http.MethodDelete, "groups/"+sales, nil)
	c.group(t, "Field sales", users[2])
	c.sim.SetStatus(users[3], "inactive")
	names := c.keep(t, week)
	if len(names) != 2 || names[0] != first[0] || names[1] != "20260315T010000Z" {
		t.Fatalf("after the changes the lists are %v", names)
	}
	want := [][]string{
		{
			"head", "ada@acme.example admin active", "bob@acme.example user active", "cem@acme.example user active",
			"dee@acme.example user active", "eli@acme.example user active",
			"group Sales bob@acme.example=member cem@acme.example=member dee@acme.example=member", "group Empty",
		},
		{
			"head", "ada@acme.example admin active", "bob@acme.example user active", "cem@acme.example user active",
			"dee@acme.example user inactive", "eli@acme.example user active",
			"group Empty", "group Field sales cem@acme.example=member",
		},
	}
	for i, name := range names {
		if diff := cmp.Diff(c.list(t, name), want[i]); diff != "" {
			t.Errorf("list %s: %s", name, diff)
		}
	}
}

func TestWithoutTheRightToReadGroupsThereAreUsers(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/groups", Kinds: []boxsim.Kind{boxsim.Forbidden}})
	list := c.list(t, c.keep(t, 0)[0])
	if len(list) != 6 || !strings.Contains(list[0], "does not let the administrator") {
		t.Errorf("the list is %q", list)
	}
}

// A list that is damaged is replaced at the next occasion.
func TestADamagedListIsStoredAnew_I5(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	first := c.keep(t, 0)
	must(t, c.objects.Delete(t.Context(), "people/acme/files/"+first[0]))
	if again := c.keep(t, week); len(again) != 1 || again[0] == first[0] || len(c.list(t, again[0])) != 6 {
		t.Errorf("the lists are %v, then %v", first, again)
	}
}

// Two messages at once make one list, and a task that is not asked for gets none.
func TestMessagesThatComeAgainChangeNothing_C3(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	var group errgroup.Group
	for range 4 {
		group.Go(func() error {
			return c.Keep(t.Context(), backup.RunMessage{Account: "acme", Task: "files", People: true})
		})
	}
	must(t, group.Wait())
	must(t, c.Keep(t.Context(), backup.RunMessage{Account: "acme", Task: "none", People: true}))
	if names := c.keep(t, 0); len(names) != 1 {
		t.Errorf("the lists are %v", names)
	}
}
