package catalog_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

// ask is a part of file 1.
func ask(part catalog.Part, told int64) catalog.Inspection {
	return catalog.Inspection{ItemRef: backup.ItemRef{Kind: backup.File, ID: "1"}, Part: part, Told: told}
}

func past(id string, number int64) catalog.PastVersion {
	v := catalog.PastVersion{ID: id, Number: number, Name: "was.txt", ModifiedBy: "bob", CreatedAt: time.UnixMilli(1e12).UTC()}
	copy(v.Content.SHA1[:], id)
	v.Content.Size = int64(len(id))
	return v
}

func describe(t testing.TB, d *catalog.Draft, p catalog.Inspection, found catalog.Details) {
	t.Helper()
	must(t, d.Inspect(t.Context(), p))
	must(t, d.Describe(t.Context(), p, found))
}

func detailsOf(t testing.TB, c *catalog.Catalog, snap backup.SnapshotID) catalog.Details {
	t.Helper()
	d, err := c.Details(t.Context(), snap, backup.ItemRef{Kind: backup.File, ID: "1"})
	must(t, err)
	return d
}

func TestEverySnapshotHasItsDetails_D1(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	full := catalog.Details{
		Collaborations: []catalog.Collaboration{{ID: "7", Role: "editor", Status: "accepted", Who: catalog.Person{Type: "user", ID: "11", Login: "eve@acme.example"}}},
		Comments:       []catalog.Comment{{ID: "8", Message: "\x00 Hello \"", Created: time.UnixMilli(1e12).UTC()}},
		Tasks:          []catalog.Task{{ID: "9", Action: "review", Assignments: []catalog.Assignment{{ID: "1", State: "incomplete"}}}},
		Metadata:       []json.RawMessage{json.RawMessage(`{"$template":"contract","value":1.50}`)},
		Versions:       []catalog.PastVersion{past("22", 2), past("1", 1)},
	}
	run(t, c, "s1", func(d *catalog.Draft) {
		must(t, d.Put(t.Context(), file("1", "0", "a")))
		for p := catalog.Collaborations; p <= catalog.Versions; p++ {
			describe(t, d, ask(p, 3), full)
		}
	})
	run(t, c, "s2", func(d *catalog.Draft) {
		describe(t, d, ask(catalog.Comments, 0), catalog.Details{})
		describe(t, d, ask(catalog.Versions, 4), catalog.Details{Versions: []catalog.PastVersion{past("333", 3), past("1", 1)}})
	})
	run(t, c, "s3", func(d *catalog.Draft) { must(t, d.Remove(t.Context(), ask(1, 1).ItemRef)) })
	run(t, c, "s4", func(d *catalog.Draft) { must(t, d.Put(t.Context(), file("1", "0", "a"))) })

	equal := gocmp.Options{cmpopts.IgnoreUnexported(catalog.Details{}), cmpopts.EquateEmpty()}
	got := detailsOf(t, c, "s1")
	if diff := gocmp.Diff(got, full, equal); diff != "" || got.Told(catalog.Tasks) != 3 {
		t.Errorf("s1 (-got +want):\n%s", diff)
	}
	later := full
	later.Comments, later.Versions = nil, []catalog.PastVersion{past("333", 3), past("1", 1)}
	if diff := gocmp.Diff(detailsOf(t, c, "s2"), later, equal); diff != "" {
		t.Errorf("s2 (-got +want):\n%s", diff)
	}
	if _, err := c.Details(t.Context(), "s3", ask(1, 1).ItemRef); backup.KindOf(err) != backup.NotFound {
		t.Errorf("s3: %v", err)
	}
	if diff := gocmp.Diff(detailsOf(t, c, "s4"), catalog.Details{}, equal); diff != "" {
		t.Errorf("details outlived their item (-got +want):\n%s", diff)
	}
}

func TestDetailsExpireWithTheirSnapshots_D1(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	for i, text := range []string{"one", "two", "three"} {
		run(t, c, backup.SnapshotID(text), func(d *catalog.Draft) {
			must(t, d.Put(t.Context(), file("1", "0", "a")))
			describe(t, d, ask(catalog.Comments, 1), catalog.Details{Comments: []catalog.Comment{{ID: "8", Message: text}}})
			describe(t, d, ask(catalog.Versions, 2), catalog.Details{Versions: []catalog.PastVersion{past(text, int64(i))}})
		})
	}
	n, err := c.Expire(t.Context(), func(id backup.SnapshotID) bool { return id == "one" })
	must(t, err)
	relied := map[backup.Content]bool{}
	must(t, c.Relied(t.Context(), func(c backup.Content) error { relied[c] = true; return nil }))
	if n != 1 || len(relied) != 3 || relied[past("two", 1).Content] {
		t.Errorf("%d snapshots expired and left contents %v", n, relied)
	}
	for _, text := range []string{"one", "three"} {
		d := detailsOf(t, c, backup.SnapshotID(text))
		if len(d.Comments) != 1 || d.Comments[0].Message != text || len(d.Versions) != 1 || d.Versions[0].ID != text || d.Versions[0].ModifiedBy != "bob" {
			t.Errorf("snapshot %s has %+v", text, d)
		}
	}
}

func TestSealRefusesUnreadParts(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	d, err := c.Draft(t.Context(), "s1", time.Now())
	must(t, err)
	defer d.Close()
	must(t, d.Put(t.Context(), dir("1", "0", "a")))
	p := catalog.Inspection{ItemRef: folder("1"), Part: catalog.Collaborations, Told: 1}
	must(t, d.Inspect(t.Context(), p))
	if _, err := d.Seal(t.Context()); err == nil {
		t.Fatal("a draft with an unread part was sealed")
	}
	must(t, d.FailPart(t.Context(), p, "Box refuses."))
	counts, err := d.Seal(t.Context())
	must(t, err)
	failures, err := c.Failures(t.Context(), "s1")
	must(t, err)
	if counts.Failed != 1 || len(failures) != 1 || failures[0].Reason != "Box refuses." {
		t.Errorf("%+v, %+v", counts, failures)
	}
}

func TestPastVersionThatCannotBeReadIsAbsentAndTriedAgain_D1(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	attempt := func(id backup.SnapshotID, reads bool) {
		d, err := c.Draft(t.Context(), id, time.Now())
		must(t, err)
		defer d.Close()
		must(t, d.Put(t.Context(), file("1", "0", "a")))
		describe(t, d, ask(catalog.Versions, 2), catalog.Details{Versions: []catalog.PastVersion{past("22", 1)}})
		wanted, err := d.Wanted(t.Context(), backup.Content{}, 9)
		must(t, err)
		for _, it := range wanted {
			if !it.Past || reads {
				must(t, d.Stored(t.Context(), it.Content))
				continue
			}
			if it.VersionID != "22" || it.ID != "1" || it.Content != past("22", 1).Content {
				t.Errorf("wanted %+v", it)
			}
			must(t, d.FailVersion(t.Context(), it, "It is gone."))
		}
		_, err = d.Seal(t.Context())
		must(t, err)
	}
	for i, reads := range []bool{false, false, true} {
		snap := backup.SnapshotID(fmt.Sprint("s", i))
		attempt(snap, reads)
		state, failures := detailsOf(t, c, snap).Versions[0].State, 0
		ledger, err := c.Failures(t.Context(), snap)
		must(t, err)
		if failures = len(ledger); (state == catalog.Absent) == reads || (failures == 1) == reads {
			t.Errorf("attempt %d: state %d, %d failures", i, state, failures)
		}
	}
}

// TestDetailsMatchTheirModel runs random histories of one item's details.
func TestDetailsMatchTheirModel_D1(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		c, _ := create(t)
		type state struct {
			here     bool
			comments int
			versions []int
		}
		var now state
		var sealed []state
		for n := range rapid.IntRange(1, 6).Draw(rt, "snapshots") {
			run(t, c, backup.SnapshotID(fmt.Sprint("s", n)), func(d *catalog.Draft) {
				for range rapid.IntRange(0, 5).Draw(rt, "steps") {
					switch step := rapid.IntRange(0, 3).Draw(rt, "step"); {
					case step == 0:
						must(t, d.Put(t.Context(), file("1", "0", "a")))
						now.here = true
					case step == 1 && now.here:
						must(t, d.Remove(t.Context(), ask(1, 1).ItemRef))
						now.here = false
					case step == 2 && now.here:
						now.comments = rapid.IntRange(0, 2).Draw(rt, "comments")
						found := catalog.Details{Comments: make([]catalog.Comment, now.comments)}
						describe(t, d, ask(catalog.Comments, int64(now.comments)), found)
					case step == 3 && now.here:
						now.versions = rapid.SliceOfNDistinct(rapid.IntRange(1, 4), 0, 3, rapid.ID).Draw(rt, "versions")
						var found catalog.Details
						for _, v := range now.versions {
							found.Versions = append(found.Versions, past(fmt.Sprint(v), int64(v)))
						}
						describe(t, d, ask(catalog.Versions, int64(len(now.versions))), found)
					}
				}
			})
			if !now.here {
				now = state{}
			}
			sealed = append(sealed, now)
			for i, want := range sealed {
				got, err := c.Details(t.Context(), backup.SnapshotID(fmt.Sprint("s", i)), ask(1, 1).ItemRef)
				if (err == nil) != want.here || len(got.Comments) != want.comments || len(got.Versions) != len(want.versions) {
					rt.Fatalf("snapshot %d of %d: %+v, %v, want %+v", i, n, got, err, want)
				}
			}
		}
	})
}
