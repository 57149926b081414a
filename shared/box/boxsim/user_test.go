package boxsim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/box/boxsim"
)

func TestUsersAreListedByMarkerToAdministratorsOnly(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	b.acme.AddApp("", "") // its service account is no user
	cleo := b.acme.AddUser("Cleo", "cleo@acme.example", boxsim.Member)
	b.AddEnterprise("Other").AddUser("Zoe", "zoe@other.example", boxsim.Admin)

	first := b.send(b.ada, "GET", "/2.0/users?usemarker=true&limit=2&fields=name,status,role", nil).want(t, http.StatusOK)
	if diff := cmp.Diff(first.entries("id"), []string{string(b.ada), string(b.bob)}); diff != "" {
		t.Error(diff)
	}
	last := b.send(b.ada, "GET", "/2.0/users?usemarker=true&limit=2&marker="+first.str("next_marker"), nil).want(t, http.StatusOK)
	if diff := cmp.Diff(last.entries("id"), []string{string(cleo)}); diff != "" {
		t.Error(diff)
	}
	if marker, ok := last.json["next_marker"]; marker != nil || !ok {
		t.Errorf("the last page's marker is %v, want null", marker)
	}
	b.send(b.bob, "GET", "/2.0/users", nil).want(t, http.StatusForbidden)
}

func TestAnUnknownTokenIsRefusedWithoutABody(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	a := b.send("", "GET", "/2.0/users/me", nil, "Authorization", "Bearer nonsense").want(t, http.StatusUnauthorized)
	if len(a.text) != 0 || !strings.Contains(a.header.Get("WWW-Authenticate"), `error="invalid_token"`) {
		t.Errorf("got %q and %q", a.text, a.header.Get("WWW-Authenticate"))
	}
}

func TestAdministratorsActAsOthersAndMembersDoNot(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	if got := b.send(b.ada, "GET", "/2.0/users/me", nil, "As-User", string(b.bob)).want(t, http.StatusOK).str("id"); got != string(b.bob) {
		t.Errorf("acted as %s", got)
	}
	if a := b.send(b.bob, "GET", "/2.0/users/me", nil, "As-User", string(b.ada)).want(t, http.StatusForbidden); len(a.text) != 0 {
		t.Errorf("got a body: %s", a.text)
	}
	unknown := b.send(b.ada, "GET", "/2.0/users/me", nil, "As-User", "123").want(t, http.StatusNotFound)
	if got := unknown.str("context_info.invalid_user_id.id"); got != "123" {
		t.Errorf("got %q: %s", got, unknown.text)
	}
	b.SetUnreachable(b.bob, http.StatusForbidden)
	b.send(b.ada, "GET", "/2.0/users/me", nil, "As-User", string(b.bob)).want(t, http.StatusForbidden)
}

func TestUsersAreCreatedChangedAndDeleted(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	id := b.send(b.ada, "POST", "/2.0/users", map[string]any{"name": "Dan", "login": "Dan@acme.example"}).want(t, http.StatusCreated).str("id")
	b.send(b.ada, "POST", "/2.0/users", map[string]any{"name": "Dan", "login": "dan@acme.example"}).want(t, http.StatusConflict)
	if got := b.send(b.ada, "PUT", "/2.0/users/"+id, map[string]any{"status": "inactive"}).want(t, http.StatusOK).str("status"); got != "inactive" {
		t.Errorf("status is %q", got)
	}
	b.send(b.ada, "DELETE", "/2.0/users/"+id, nil).want(t, http.StatusNoContent)
	b.send(b.ada, "GET", "/2.0/users/"+id, nil).want(t, http.StatusNotFound)
}

func TestContentOfALeaverMovesToAnotherUser(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	must(b.Upload(b.bob, "0", "plan.txt", []byte("plan")))(t)
	b.send(b.ada, "PUT", "/2.0/users/"+string(b.bob)+"/folders/0", map[string]any{"owned_by": map[string]any{"id": b.ada}}).want(t, http.StatusOK)
	if len(b.Tree(b.bob)) != 0 || len(b.Tree(b.ada)) != 2 {
		t.Errorf("Bob has %v, Ada has %v", b.Tree(b.bob), b.Tree(b.ada))
	}
}
