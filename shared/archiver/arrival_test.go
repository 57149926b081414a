package archiver_test

import (
	"fmt"
	"testing"
	"time"

	"coffer/shared/backup"
)

// settled backs everybody up, until the root folders are not among those that
// are to be listed again soon.
func (e *enterprise) settled(t *testing.T) {
	t.Helper()
	e.slot(t)
	for n := range 2 {
		e.pass(24 * time.Hour)
		for _, user := range e.users {
			must(t, e.sim.Rename(user, e.sim.Tree(user)[0].ItemRef, fmt.Sprint("Renamed ", n)))
		}
		e.slot(t)
	}
	e.wantAllEqual(t)
	e.pass(24 * time.Hour)
}

// shareSilently gives access that no event tells of, and returns the ids of the
// collaborations.
func (e *enterprise) shareSilently(t *testing.T, owner backup.BoxUserID, folder string, with ...backup.BoxUserID) (ids []string) {
	t.Helper()
	must(t, e.sim.Unheard(func() error {
		for _, user := range with {
			id, err := e.sim.Collaborate(owner, backup.ItemRef{Kind: backup.Folder, ID: folder}, user, "editor")
			must(t, err)
			ids = append(ids, id)
		}
		return nil
	}))
	return ids
}

// TestWhoHadWhatCameIsToldWhenThatIsKnown_I8 lets somebody move what is neither
// theirs nor the new owner's, and nobody has told yet that they have access to
// it: their backup knows of no one who may have had it. The former owner's
// snapshot is right once that is known, by whatever tells.
func TestWhoHadWhatCameIsToldWhenThatIsKnown_I8(t *testing.T) {
	t.Parallel()
	for _, removed := range []bool{false, true} {
		e := newEnterprise(t, 1, 0)
		former, mover, heir := e.users[0], e.users[1], e.users[2]
		from, into := e.sim.Tree(former)[2].ID, e.sim.Tree(heir)[2].ID
		e.shareSilently(t, former, from, e.admin)
		id, err := e.sim.AddWebLink(e.admin, from, "Link", "https://example.com/")
		must(t, err)
		link := backup.ItemRef{Kind: backup.WebLink, ID: id}
		e.settled(t)

		access := e.shareSilently(t, former, from, mover)
		e.shareSilently(t, heir, into, mover)
		must(t, e.sim.Move(mover, link, into))
		e.slot(t)

		e.pass(24 * time.Hour)
		if removed { // an event names the owner, nothing shows in the mover's folders
			if !e.call(t, former, "DELETE", "/2.0/collaborations/"+access[0], nil) {
				t.Fatal("Box does not take the access away")
			}
		} else {
			_, err := e.sim.Collaborate(former, e.sim.Tree(former)[0].ItemRef, mover, "viewer")
			must(t, err)
		}
		e.slot(t)
		if e.wantAllEqual(t); t.Failed() {
			t.Fatalf("access removed: %t", removed)
		}
	}
}

// TestWhatWasMovedToSomebodyWithoutABackupIsGone_I8 has things moved into the
// folder of somebody who is not backed up, by their owner and by somebody else,
// whose backups know nothing of that folder, and all that somebody has given to
// people whose backups do not or cannot tell.
func TestWhatWasMovedToSomebodyWithoutABackupIsGone_I8(t *testing.T) {
	t.Parallel()
	all := func(e *enterprise, owner, heir backup.BoxUserID) {
		if !e.call(t, e.admin, "PUT", "/2.0/users/"+string(owner)+"/folders/0", map[string]any{"owned_by": map[string]string{"id": string(heir)}}) {
			t.Fatal("Box does not give all to another")
		}
	}
	for name, move := range map[string]func(e *enterprise, file backup.ItemRef, into string, owner, other backup.BoxUserID){
		"by its owner": func(e *enterprise, file backup.ItemRef, into string, owner, _ backup.BoxUserID) {
			e.shareSilently(t, e.admin, into, owner)
			must(t, e.sim.Move(owner, file, into))
		},
		"by somebody else": func(e *enterprise, file backup.ItemRef, into string, _, other backup.BoxUserID) {
			e.shareSilently(t, e.admin, into, other)
			must(t, e.sim.Move(other, file, into))
		},
		"by somebody who leaves": func(e *enterprise, file backup.ItemRef, _ string, _, other backup.BoxUserID) {
			must(t, e.sim.Move(other, file, backup.RootFolder))
			e.sim.SetStatus(other, "inactive")
			e.away = other
		},
		"with everything else": func(e *enterprise, _ backup.ItemRef, _ string, owner, _ backup.BoxUserID) {
			all(e, owner, e.admin)
		},
		"with everything else to somebody who leaves": func(e *enterprise, _ backup.ItemRef, _ string, owner, other backup.BoxUserID) {
			all(e, owner, other)
			e.sim.SetStatus(other, "inactive")
			e.away = other
		},
	} {
		e := newEnterprise(t, 2, 0)
		owner, other := e.users[0], e.users[1]
		into, err := e.sim.CreateFolder(e.admin, backup.RootFolder, "Of the administrator")
		must(t, err)
		from := e.sim.Tree(owner)[2]
		_, err = e.sim.Collaborate(owner, from.ItemRef, other, "editor")
		must(t, err)
		file, err := e.sim.Upload(owner, from.ID, "moved", []byte("moved"))
		must(t, err)
		e.settled(t)
		move(e, backup.ItemRef{Kind: backup.File, ID: file}, into, owner, other)
		e.slot(t)
		if e.wantAllEqual(t); t.Failed() {
			t.Fatalf("moved %s", name)
		}
	}
}

// TestWhatWasMovedDeletedAndRestoredIsAnothersNow_I8 has something moved into
// the mover's own tree, and there into the trash and out of it again, between two
// backups.
func TestWhatWasMovedDeletedAndRestoredIsAnothersNow_I8(t *testing.T) {
	t.Parallel()
	e := newEnterprise(t, 3, 0)
	owner, mover := e.users[0], e.users[1]
	file := e.sim.Tree(owner)[1]
	_, err := e.sim.Collaborate(owner, file.ItemRef, mover, "editor")
	must(t, err)
	e.settled(t)
	must(t, e.sim.Move(mover, file.ItemRef, backup.RootFolder))
	must(t, e.sim.Delete(mover, file.ItemRef))
	must(t, e.sim.Restore(mover, file.ItemRef))
	e.slot(t)
	e.wantAllEqual(t)
}
