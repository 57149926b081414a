package api_test

import (
	"bytes"
	"testing"

	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

func TestTaskIsConnectedWithAnOwnAppAndChecked_B2(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	ann := p.newPerson("ann@example.com")
	var made tasks.Task
	ann.ok("POST", "/api/tasks", map[string]any{"name": "Acme Box"}, &made)
	path := "/api/tasks/" + made.ID
	ann.refused(409, "POST", path+"/preflight", nil) // not connected

	enterprise := p.enterprise()
	enterprise.AddUser("Bea", "bea@acme.example", boxsim.Member)
	app := enterprise.AddApp("", "")
	body := map[string]any{"grant": "client_credentials", "clientId": app.ClientID, "clientSecret": "wrong", "enterpriseId": enterprise.ID}
	ann.refused(400, "POST", path+"/credentials", body)
	body["clientSecret"] = app.ClientSecret
	response, reply := ann.send("POST", path+"/credentials", body)
	if response.StatusCode != 200 || !bytes.Contains(reply, []byte(`"connection":"Connected"`)) || bytes.Contains(reply, []byte(app.ClientSecret)) {
		t.Fatalf("%d %s", response.StatusCode, reply)
	}
	if scans := received[backup.ScanMessage](p, p.scans); len(scans) != 1 {
		t.Errorf("%d scans, want one that finds the Box users", len(scans))
	}
	var found tasks.Preflight
	ann.ok("POST", path+"/preflight", nil, &found)
	if !found.OK || found.Checked.IsZero() || len(found.Scopes) != 5 || found.Users.Reachable != found.Users.Total || found.Users.Total == 0 {
		t.Errorf("check: %+v", found)
	}
}
