package boxsim_test

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// position returns next_stream_position as the characters that were sent.
func (a answer) position() string {
	return regexp.MustCompile(`"next_stream_position":"?(\d+)`).FindStringSubmatch(string(a.text))[1]
}

func TestChangesTellEachOperationOnce(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	now := b.send(b.bob, "GET", "/2.0/events?stream_type=changes&stream_position=now", nil).want(t, http.StatusOK)
	if _, number := now.at("next_stream_position").(float64); !number || now.at("chunk_size") != 0.0 {
		t.Errorf("a user's position is a number: %s", now.text)
	}
	folder := must(b.CreateFolder(b.bob, "0", "plans"))(t)
	file := must(b.Upload(b.bob, folder, "a.txt", []byte("x")))(t)
	ok(t, b.SetTags(b.bob, boxsim.FileRef(file), "red"))
	ok(t, b.Rename(b.bob, boxsim.FolderRef(folder), "old plans"))
	ok(t, b.Delete(b.bob, boxsim.FolderRef(folder)))
	ok(t, b.Restore(b.bob, boxsim.FolderRef(folder)))
	a := b.send(b.bob, "GET", "/2.0/events?stream_type=changes&limit=3&stream_position="+now.position(), nil).want(t, http.StatusOK)
	if diff := cmp.Diff(a.entries("event_type"), []string{"ITEM_CREATE", "ITEM_UPLOAD", "ITEM_RENAME"}); diff != "" {
		t.Error(diff)
	}
	if a.str("entries.1.source.id") != file || a.str("entries.1.source.parent.id") != folder || a.str("entries.2.source.name") != "old plans" {
		t.Errorf("sources are whole items: %s", a.text)
	}
	rest := b.send(b.bob, "GET", "/2.0/events?stream_type=changes&stream_position="+a.position(), nil).want(t, http.StatusOK)
	if diff := cmp.Diff(rest.entries("event_type"), []string{"ITEM_TRASH", "ITEM_UNDELETE_VIA_TRASH"}); diff != "" {
		t.Error(diff)
	}
	if rest.str("entries.0.source.item_status") != "deleted" || rest.at("entries.0.source.parent") != nil {
		t.Errorf("a trashed source has no place: %s", rest.text)
	}
	all := b.send(b.bob, "GET", "/2.0/events?stream_position="+now.position(), nil).want(t, http.StatusOK)
	if len(all.entries("event_type")) != 6 {
		t.Errorf("all events are %v", all.entries("event_type"))
	}
}

func TestCollaboratorsSeeEventsOfWhatIsSharedWithThem(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	shared := must(b.CreateFolder(b.bob, "0", "shared"))(t)
	must(b.Collaborate(b.bob, boxsim.FolderRef(shared), b.ada, "viewer"))(t)
	position := b.send(b.ada, "GET", "/2.0/events?stream_type=changes&stream_position=now", nil).position()
	must(b.Upload(b.bob, shared, "seen.txt", []byte("x")))(t)
	must(b.Upload(b.bob, "0", "unseen.txt", []byte("x")))(t)
	a := b.send(b.ada, "GET", "/2.0/events?stream_type=changes&stream_position="+position, nil)
	if len(a.entries("event_type")) != 1 || a.str("entries.0.source.name") != "seen.txt" {
		t.Errorf("got %s", a.text)
	}
}

func TestAdministratorsReadTheWholeEnterprise(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{EventLag: 12 * time.Second})
	outside := b.AddEnterprise("Other").AddUser("Zoe", "zoe@other.example", boxsim.Admin)
	now := b.send(b.ada, "GET", "/2.0/events?stream_type=admin_logs_streaming&stream_position=now", nil).want(t, http.StatusOK)
	if _, text := now.at("next_stream_position").(string); !text {
		t.Errorf("an administrator's position is a string: %s", now.text)
	}
	file := must(b.Upload(b.bob, "0", "a.txt", []byte("x")))(t)
	must(b.Upload(outside, "0", "b.txt", []byte("x")))(t)
	read := func(query string) answer {
		return b.send(b.ada, "GET", "/2.0/events?stream_type="+query+"&stream_position="+now.position(), nil).want(t, http.StatusOK)
	}
	if got := read("admin_logs_streaming"); got.at("chunk_size") != 0.0 {
		t.Errorf("events are there before they settle: %s", got.text)
	}
	b.Advance(13 * time.Second)
	a := read("admin_logs_streaming")
	if diff := cmp.Diff(a.entries("event_type"), []string{"UPLOAD"}); diff != "" {
		t.Error(diff)
	}
	if a.str("entries.0.source.item_id") != file || a.str("entries.0.source.owned_by.id") != string(b.bob) || a.str("entries.0.source.parent.id") != backup.RootFolder {
		t.Errorf("got %s", a.text)
	}
	if same := read("admin_logs"); same.str("entries.0.event_id") != a.str("entries.0.event_id") {
		t.Error("the streams give an event different ids")
	}
	if none := read("admin_logs_streaming&event_type=DELETE,MOVE"); none.at("chunk_size") != 0.0 {
		t.Errorf("got %s", none.text)
	}
	b.Advance(15 * 24 * time.Hour)
	if old := read("admin_logs_streaming"); old.at("chunk_size") != 0.0 {
		t.Errorf("the stream remembers more than 14 days: %s", old.text)
	}
	b.send(b.bob, "GET", "/2.0/events?stream_type=admin_logs", nil).want(t, http.StatusForbidden)
}

func TestLongPollEndsWithAChange(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	position := b.send(b.bob, "GET", "/2.0/events?stream_position=now", nil).position()
	servers := b.send(b.bob, "OPTIONS", "/2.0/events", nil).want(t, http.StatusOK)
	got := make(chan string)
	go func() {
		a, err := b.try("", "GET", servers.str("entries.0.url")+"&stream_position="+position, nil)
		if err != nil {
			t.Error(err)
		}
		got <- a.str("message")
	}()
	must(b.Upload(b.bob, "0", "a.txt", []byte("x")))(t)
	if message := <-got; message != "new_change" {
		t.Errorf("got %q", message)
	}
}
