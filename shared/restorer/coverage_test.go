package restorer_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"coffer/scripts/golden"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/catalog"
	"coffer/shared/job"
	"coffer/shared/people"
	"coffer/shared/task"
)

// object is a kind of thing at Box. Whether it is captured and restored is
// found out; why not, where it is not, only a person can say.
type object struct {
	name               string
	captured, restored bool
	why                string
}

// coverage is an account with one of everything, its snapshot, and what came
// back of it.
type coverage struct {
	*house
	dressed
	t       *testing.T
	catalog *catalog.Catalog
	people  string // the list of who is in the enterprise
	below   string // the folder of the restore
}

// TestCoverageTable_D1 fills an account with one of each kind, backs it up,
// restores it to another folder, and writes what it finds there into README.
func TestCoverageTable_D1(t *testing.T) {
	t.Parallel()
	c := cover(t)
	exported := "yes"
	if j := c.export(); j.Status == backup.JobFailed {
		exported = "not yet"
	}
	var table strings.Builder
	table.WriteString("\n| at Box | backed up | restored | exported | why not, or how |\n|---|---|---|---|---|\n")
	for _, o := range c.objects() {
		if (!o.captured || !o.restored) && o.why == "" {
			t.Errorf("%s: captured %t, restored %t, and nobody says why", o.name, o.captured, o.restored)
		}
		out := exported
		if !o.captured {
			out = "no"
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s | %s |\n", o.name, yes(o.captured), yes(o.restored), out, o.why)
	}
	table.WriteString("\n")
	const begin, end = "-run Coverage -update -->\n", "<!-- end -->"
	readme, err := os.ReadFile("../../README.md")
	must(t, err)
	before, rest, found := strings.Cut(string(readme), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatal("README has no place for the table")
	}
	golden.Bytes(t, "../../README.md", []byte(before+begin+table.String()+end+after))
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// cover makes the account, two backups and two restores.
func cover(t *testing.T) *coverage {
	t.Helper()
	h := newHouse(t, boxsim.Options{Seed: 61})
	c := &coverage{house: h, t: t}
	ctx := t.Context()
	_, err := h.sim.CreateFolder(h.user, backup.RootFolder, "Empty")
	must(t, err)
	_, err = h.sim.AddWebLink(h.user, backup.RootFolder, "Link", "https://example.com/")
	must(t, err)
	_, err = h.sim.Upload(h.user, backup.RootFolder, "thoughts.boxnote", []byte(`{"doc":{}}`))
	must(t, err)
	known, err := h.sim.Upload(h.user, backup.RootFolder, "known.txt", []byte("deleted after a backup"), at(1), at(2))
	must(t, err)
	unknown, err := h.sim.Upload(h.user, backup.RootFolder, "unknown.txt", []byte("deleted before any"))
	must(t, err)
	must(t, h.sim.Delete(h.user, boxsim.FileRef(unknown)))
	dated, err := h.sim.Upload(h.user, backup.RootFolder, "dated.txt", []byte("dates"), at(1), at(2))
	must(t, err)
	must(t, h.sim.SetDescription(h.user, boxsim.FileRef(dated), "About it"))
	must(t, h.sim.SetTags(h.user, boxsim.FileRef(dated), "one", "two"))
	must(t, h.sim.AddTemplate(h.admin, "securityClassification-6VMVochwUWo", "Classification", "Box__Security__Classification__Key"))
	must(t, h.sim.SetMetadata(h.user, boxsim.FileRef(dated), "enterprise.securityClassification-6VMVochwUWo", map[string]any{"Box__Security__Classification__Key": "Secret"}))
	eve := h.sim.AddEnterprise("Elsewhere").AddUser("Eve", "eve@elsewhere.example", boxsim.Admin)
	theirs, err := h.sim.CreateFolder(eve, backup.RootFolder, "Theirs")
	must(t, err)
	_, err = h.sim.Upload(eve, theirs, "theirs.txt", []byte("of another company"))
	must(t, err)
	_, err = h.sim.Collaborate(eve, boxsim.FolderRef(theirs), h.user, "editor")
	must(t, err)
	c.dressed = h.dress(t)
	_, err = c.client.UpdateFile(ctx, dated, "", box.Update{Lock: map[string]any{"type": "lock"}})
	must(t, err)
	must(t, h.sim.Delete(h.user, boxsim.FileRef(known)))
	h.task, err = h.Tasks.Change(ctx, h.task.Account, h.task.ID, task.Settings{Policy: &task.Policy{Versions: true, Trash: true}})
	must(t, err)
	c.snap = h.backUp(t)
	row, err := h.Tasks.BoxUser(ctx, h.task.Account, h.task.ID, h.user)
	must(t, err)
	c.catalog, err = h.Shelf.Open(ctx, h.task, row)
	must(t, err)
	t.Cleanup(func() { c.catalog.Close() })

	c.people = c.whoIsThere()
	h.finish(t, h.include(t, c.snap, backup.NonDestructive, all))
	c.below = h.below(t)
	h.finish(t, h.include(t, c.snap, backup.Replace, all, boxsim.FileRef(known)))
	return c
}

func at(day int) time.Time { return time.Date(2001, 2, day, 3, 4, 5, 0, time.UTC) }

// whoIsThere backs up who is in the enterprise, and returns the stored list.
func (c *coverage) whoIsThere() string {
	a := c.archiver
	k := people.Keeper{Tasks: c.Tasks, Connections: a.Connections, Vault: a.Vault, Dir: c.t.TempDir()}
	must(c.t, k.Keep(c.t.Context(), backup.RunMessage{Account: c.task.Account, Task: c.task.ID, People: true}))
	t, err := c.Tasks.Task(c.t.Context(), c.task.Account, c.task.ID)
	must(c.t, err)
	v, err := a.Vault(c.t.Context(), t)
	must(c.t, err)
	var list strings.Builder
	must(c.t, v.GetPeople(c.t.Context(), t.People, &list))
	return list.String()
}

// export tries to export everything.
func (c *coverage) export() job.Job {
	j := job.Job{
		Account: c.task.Account, ID: backup.JobID(backup.NewSortableID(c.now())), Kind: job.Export, Task: c.task.ID, BoxUser: c.user,
		Snapshot: c.snap, Whole: true, Initiator: "ada@acme.example", Created: c.now(),
	}
	must(c.t, c.Jobs.Create(c.t.Context(), j, nil))
	return c.finish(c.t, backup.JobMessage{Account: j.Account, Job: j.ID})
}

// kept is an item of the snapshot, below the root folder or in the trash.
func (c *coverage) kept(name string) (it catalog.Item, d catalog.Details) {
	c.t.Helper()
	for _, root := range []string{backup.RootFolder, catalog.Trash} {
		must(c.t, c.catalog.Walk(c.t.Context(), c.snap, backup.ItemRef{Kind: backup.Folder, ID: root}, func(found catalog.Item) error {
			if found.Name == name {
				it = found
			}
			return nil
		}))
	}
	if it.ID != "" {
		var err error
		d, err = c.catalog.Details(c.t.Context(), c.snap, it.ItemRef)
		must(c.t, err)
	}
	return it, d
}

// back is an item in the folder of the restore.
func (c *coverage) back(path string) box.Item {
	c.t.Helper()
	for _, n := range c.sim.Tree(c.user) {
		if n.Path == c.below+path {
			item, err := c.client.Item(c.t.Context(), n.ItemRef)
			must(c.t, err)
			return item
		}
	}
	return box.Item{}
}

func (c *coverage) objects() []object {
	ctx := c.t.Context()
	file, details := c.kept("plan.txt")
	_, shared := c.kept("Everything")
	dated, _ := c.kept("dated.txt")
	trashed, _ := c.kept("known.txt")
	gone, _ := c.kept("unknown.txt")
	note, _ := c.kept("thoughts.boxnote")
	empty, _ := c.kept("Empty")
	link, _ := c.kept("Link")
	theirs, _ := c.kept("theirs.txt")

	plan, folder, again := c.back("/Everything/plan.txt"), c.back("/Everything"), c.back("/dated.txt")
	versions, err := c.client.Versions(ctx, plan.ID)
	must(c.t, err)
	comments, err := c.client.Comments(ctx, plan.ID)
	must(c.t, err)
	tasks, err := c.client.Tasks(ctx, plan.ID)
	must(c.t, err)
	collaborations, err := c.client.Collaborations(ctx, folder.Ref())
	must(c.t, err)
	metadata, err := c.client.Metadata(ctx, plan.Ref())
	must(c.t, err)
	has := func(extra fmt.Stringer, text string) bool { return strings.Contains(extra.String(), text) }
	was, now := raw(file.Extra), raw(plan.Extra["shared_link"])
	invited := func(email string) bool {
		return slices.ContainsFunc(collaborations, func(c box.Collaboration) bool { return c.InviteEmail+c.AccessibleBy.Login == email })
	}
	return []object{
		{"files with their content, checked by SHA-1", file.State == catalog.Complete && file.Content.Size == 5, plan.SHA1 == file.Content.SHA1.String(), ""},
		{"past versions of files", len(details.Versions) == 2, len(versions) == 2, "where the task includes previous versions and the restore asks for them; of files that the restore creates; versions that somebody deleted are not backed up"},
		{"folders, empty ones too", empty.ID != "", c.back("/Empty").ID != "", ""},
		{
			"settings of folders: who may invite, and the address for uploads by e-mail", has(raw(empty.Extra), "can_non_owners_invite") || has(raw(empty.Extra), "folder_upload_email"),
			c.back("/Empty").Extra["can_non_owners_invite"] != nil, "a restored folder has those that Box gives to a new one",
		},
		{"web links", link.URL != "", c.back("/Link").URL == link.URL, ""},
		{"Box Notes", note.Content.Size == 10, c.back("/thoughts.boxnote").SHA1 == note.Content.SHA1.String(), "as the files that they are"},
		{"descriptions", dated.Description != "", again.Description == dated.Description, ""},
		{"tags", len(dated.Tags) == 2, len(again.Tags) == 2, ""},
		{"dates of the content", dated.ContentCreatedAt.Equal(at(1)), again.ContentCreatedAt.Equal(at(1)) && again.ContentModifiedAt.Equal(at(2)), ""},
		{"who created and changed an item at Box, and when", dated.CreatedBy != "" && !dated.CreatedAt.IsZero(), again.CreatedAt.Equal(dated.CreatedAt), "Box lets nobody set them"},
		{"collaborations with roles", len(shared.Collaborations) == 2, invited("ada@acme.example"), "where the restore asks for sharing; without an e-mail; those of other companies' items are not backed up"},
		{"invitations not yet accepted", shared.Collaborations[1].Status == "pending", invited("nobody@elsewhere.example"), "where the restore asks for sharing"},
		{"shared links: access, permission, expiry, custom name", has(was, "our-plan-2026"), has(now, `"access":"open"`) && has(now, `"can_download":false`) && has(now, "our-plan-2026"), "where the restore asks for sharing; the address is new, and the custom name comes back once the old item gave it up"},
		{"passwords of shared links", has(was, "secret-Old1"), c.sim.OpensLink(plan.Ref(), "secret-Old1"), "Box tells nobody; the link gets a new random one, which the job's list of items has"},
		{"comments and answers", len(details.Comments) == 2, len(comments) == 2 && comments[1].Reply, ""},
		{"who wrote a comment, and when", details.Comments[0].By.Login != "", comments[0].CreatedAt.Equal(details.Comments[0].Created), "Box lets nobody set them; both are in the restored text"},
		{"tasks and their assignees", len(details.Tasks) == 1, len(tasks) == 1 && len(tasks[0].Assignments) == 1, "known from the enterprise's events of a year back, so only with that permission; unfinished ones come back where the restore asks for sharing"},
		{"metadata", has(raw(file.Extra), "Northwind"), len(metadata) == 1 && string(metadata[0]["customer"]) == `"Northwind"`, "templates themselves are not backed up"},
		{"classifications", has(raw(dated.Extra), "Secret"), has(raw(again.Extra["classification"]), "Secret"), ""},
		{"locks of files", has(raw(dated.Extra), `"lock"`), again.Extra["lock"] != nil, "a lock is for the moment, and would keep people from the restored file"},
		{"what other companies share with a Box user", theirs.ExternallyOwned && theirs.State == catalog.Complete, c.back("/Theirs/theirs.txt").SHA1 == theirs.Content.SHA1.String(), "as the Box user's own"},
		{"trash: what was deleted after a backup", trashed.State == catalog.Complete && trashed.Parent == catalog.Trash, c.at("/known.txt") != "", "where the task includes the trash; into the root folder"},
		{"trash: what was deleted before any backup", gone.ID != "" && gone.State == catalog.Complete, c.at("/unknown.txt") != "", "Box hands out no content from the trash, and nothing of what is in a deleted folder: such files are listed without content"},
		{"users, groups, and who is in which group", strings.Contains(c.people, `"login":"bob@acme.example"`) && strings.Contains(c.people, `"groups":true`), false, "once a week, where the app may read groups; never restored, since a group that comes back would let people in"},
		{"favorites", has(raw(dated.Extra), "collections"), again.Extra["collections"] != nil, "each person's own"},
	}
}

// raw is JSON as Box or the catalog has it.
type raw []byte

// String implements fmt.Stringer.
func (r raw) String() string { return string(r) }
