package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/api"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
)

// tagged is "name: number of Box users" for each tag.
func (b *backedUp) tagged(query string) []string {
	b.t.Helper()
	var list api.List[tasks.Tag]
	b.who.ok("GET", "/api/tasks/"+b.task+"/tags"+query, nil, &list)
	out := []string{}
	for _, tag := range list.Items {
		out = append(out, fmt.Sprintf("%s: %d", tag.Name, tag.Users))
		if tag.BuiltIn != (tag.ID == backup.LimitedAccess) {
			b.t.Errorf("tag %+v", tag)
		}
	}
	return out
}

func TestTagsAreMadeGivenFoundAndDeleted_F111_F115(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	tags := "/api/tasks/" + b.task + "/tags"
	if diff := cmp.Diff([]string{"Limited Access: 0"}, b.tagged("")); diff != "" {
		t.Errorf("at first (-want +got):\n%s", diff)
	}
	create := func(name string) string {
		t.Helper()
		var made tasks.Tag
		if response := b.who.ok("POST", tags, map[string]any{"name": name}, &made); response.StatusCode != 201 || made.Name != strings.TrimSpace(name) || made.BuiltIn {
			t.Errorf("%d %+v", response.StatusCode, made)
		}
		return string(made.ID)
	}
	sales, berlin := create(" Sales "), create("berlin")
	for _, name := range []string{"sales", "SALES ", "limited access"} {
		b.who.refused(409, "POST", tags, map[string]any{"name": name})
	}
	for _, name := range []string{"", "  ", "a\nb", strings.Repeat("x", 41)} {
		b.who.refused(400, "POST", tags, map[string]any{"name": name})
	}

	var users api.List[tasks.BoxUser]
	b.who.ok("GET", "/api/tasks/"+b.task+"/users?q=bob", nil, &users)
	bob := users.Items[0].ID
	give := func(body map[string]any) (out tasks.ActionResult) {
		t.Helper()
		b.who.ok("POST", "/api/tasks/"+b.task+"/users/tag", body, &out)
		if len(out.Refused) > 0 {
			t.Errorf("%v: refused %+v", body, out.Refused)
		}
		return out
	}
	named := func(query string) (names []string) {
		t.Helper()
		var list api.List[tasks.BoxUser]
		b.who.ok("GET", "/api/tasks/"+b.task+"/users?"+query, nil, &list)
		for _, u := range list.Items {
			names = append(names, u.Name)
		}
		return names
	}
	give(map[string]any{"all": true, "add": []string{sales}})
	give(map[string]any{"ids": []string{bob}, "add": []string{berlin}})
	give(map[string]any{"ids": []string{bob}, "add": []string{berlin}}) // again, which changes nothing
	if diff := cmp.Diff([]string{"Limited Access: 0", "berlin: 1", "Sales: 2"}, b.tagged("")); diff != "" {
		t.Errorf("given (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Sales: 2"}, b.tagged("?q=sal")); diff != "" {
		t.Errorf("searched (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Bob Baker"}, named("tag="+berlin)); diff != "" {
		t.Errorf("filtered (-want +got):\n%s", diff)
	}
	if got := named("tag=" + berlin + "&q=ann"); len(got) > 0 {
		t.Errorf("filtered by tag and name: %v", got)
	}
	if got := give(map[string]any{"all": true, "tag": berlin, "add": []string{string(backup.LimitedAccess)}, "remove": []string{sales}}); got.Done != 1 {
		t.Errorf("for the Box users with a tag: %+v", got)
	}
	if diff := cmp.Diff([]string{"Limited Access: 1", "berlin: 1", "Sales: 1"}, b.tagged("")); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
	var paused tasks.ActionResult
	b.who.ok("POST", "/api/tasks/"+b.task+"/users/pause", map[string]any{"all": true, "tag": sales}, &paused)
	if paused.Done != 1 {
		t.Errorf("pausing those with a tag: %+v", paused)
	}

	for _, body := range []map[string]any{
		{"all": true},
		{"add": []string{sales}},
		{"all": true, "add": []string{"unknown"}},
		{"all": true, "add": []string{sales, "unknown"}},
		{"all": true, "remove": []string{"unknown"}},
		{"all": true, "add": []string{sales}, "remove": []string{sales}},
		{"ids": []string{bob}, "tag": sales, "add": []string{berlin}},
	} {
		b.who.refused(400, "POST", "/api/tasks/"+b.task+"/users/tag", body)
	}
	b.who.refused(404, "POST", "/api/tasks/"+b.task+"/users/tag", map[string]any{"ids": []string{"404404"}, "add": []string{sales}})

	if response := b.who.ok("DELETE", tags+"/"+sales, nil, nil); response.StatusCode != 204 {
		t.Errorf("deleting a tag: %d", response.StatusCode)
	}
	b.who.refused(404, "DELETE", tags+"/"+sales, nil)
	b.who.refused(409, "DELETE", tags+"/"+string(backup.LimitedAccess), nil)
	b.who.refused(400, "POST", "/api/tasks/"+b.task+"/users/tag", map[string]any{"all": true, "add": []string{sales}})
	if got := named("tag=" + sales); len(got) > 0 {
		t.Errorf("%v have the deleted tag", got)
	}
	create("sales")
	if diff := cmp.Diff([]string{"Limited Access: 1", "berlin: 1", "sales: 0"}, b.tagged("")); diff != "" {
		t.Errorf("deleted and made again (-want +got):\n%s", diff)
	}
}

func TestATaskHasSoManyTags(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	who := p.newPerson("ann@example.com")
	var made tasks.Task
	who.ok("POST", "/api/tasks", map[string]any{"name": "Acme"}, &made)
	for n := range 199 {
		who.ok("POST", "/api/tasks/"+made.ID+"/tags", map[string]any{"name": fmt.Sprint("Tag ", n)}, nil)
	}
	who.refused(409, "POST", "/api/tasks/"+made.ID+"/tags", map[string]any{"name": "One more"})
}

func TestOnlyThePrimaryUserLimitsAccess_F47_F50(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	second := b.who.secondary("second@example.com")
	path := "/api/tasks/" + b.task + "/users/tag"
	var made tasks.Tag
	second.ok("POST", "/api/tasks/"+b.task+"/tags", map[string]any{"name": "Sales"}, &made)
	limit := []string{string(made.ID), string(backup.LimitedAccess)}
	second.refused(403, "POST", path, map[string]any{"ids": []string{b.user}, "add": limit})
	if diff := cmp.Diff([]string{"Limited Access: 0", "Sales: 0"}, b.tagged("")); diff != "" {
		t.Errorf("the refused request did something (-want +got):\n%s", diff)
	}
	b.who.ok("POST", path, map[string]any{"ids": []string{b.user}, "add": limit}, nil)
	second.refused(403, "POST", path, map[string]any{"ids": []string{b.user}, "remove": limit})
	if diff := cmp.Diff([]string{"Limited Access: 1", "Sales: 1"}, b.tagged("")); diff != "" {
		t.Errorf("the refused request did something (-want +got):\n%s", diff)
	}
	second.ok("POST", path, map[string]any{"ids": []string{b.user}, "remove": []string{string(made.ID)}}, nil)
	b.who.ok("POST", path, map[string]any{"ids": []string{b.user}, "remove": []string{string(backup.LimitedAccess)}}, nil)
	if diff := cmp.Diff([]string{"Limited Access: 0", "Sales: 0"}, b.tagged("")); diff != "" {
		t.Errorf("at last (-want +got):\n%s", diff)
	}
}
