package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"coffer/shared/api"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
)

// turning are texts with characters that nobody sees, or that turn what is around
// them: a name with one passes for another in a list or an e-mail.
var turning = map[string]string{
	"line break": "a\nb", "carriage return": "a\rb", "tab": "a\tb", "NUL": "a\x00b", "escape": "a\x1b[1mb", "delete": "a\x7fb", "C1 control": "a\u0085b",
	"embedding to the left": "a\u202ab", "embedding to the right": "a\u202bb", "pop": "a\u202cb", "override to the left": "a\u202db",
	"override to the right": "report\u202efdp.exe", "isolate to the left": "a\u2066b", "isolate to the right": "a\u2067b", "first strong isolate": "a\u2068b", "pop isolate": "a\u2069b",
	"line separator": "a\u2028b", "paragraph separator": "a\u2029b", "space of no width": "a\u200bb", "nothing but that": "\u200b", "word joiner": "a\u2060b",
	"byte order mark": "\ufeffa", "soft hyphen": "a\u00adb",
}

func TestTextWithHiddenCharactersIsRefused_B3_B7(t *testing.T) {
	t.Parallel()
	for name, text := range turning {
		if got, err := api.Line("name", "The name", text, 1, 100); backup.KindOf(err) != backup.Invalid || !strings.Contains(err.Error(), "cannot be seen") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, text := range []string{"Müller & Söhne", "بيانات الشركة", "חשבונות 2026", "営業部", "👩\u200d💻 team", "نامه\u200cها", "a\u00a0b", "quotes \" and ' < >"} {
		if got, err := api.Line("name", "The name", "  "+text+" ", 1, 100); got != text || err != nil {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestNamesWithHiddenCharactersAreRefusedAtTheirField_B7(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	who := p.newPerson("ann@example.com")
	var made tasks.Task
	who.ok("POST", "/api/tasks", map[string]any{"name": "Acme"}, &made)
	path := "/api/tasks/" + made.ID
	for name, text := range turning {
		for _, c := range []struct{ method, path string }{{"POST", "/api/tasks"}, {"PATCH", path}, {"POST", path + "/tags"}} {
			response, reply := who.send(c.method, c.path, map[string]any{"name": text})
			var problem struct{ Errors []struct{ Location string } }
			if err := json.Unmarshal(reply, &problem); err != nil || response.StatusCode != 400 || len(problem.Errors) != 1 || problem.Errors[0].Location != "name" {
				t.Errorf("%s, %s %s: %d %s", name, c.method, c.path, response.StatusCode, reply)
			}
		}
	}
	var after tasks.Task
	who.ok("GET", path, nil, &after)
	if after.Name != "Acme" {
		t.Errorf("the task is named %q", after.Name)
	}
}
