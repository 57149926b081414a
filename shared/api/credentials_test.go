package api_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"os"
	"strings"
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
	if !found.OK || found.Checked.IsZero() || len(found.Scopes) != 6 || found.Users.Reachable != found.Users.Total || found.Users.Total == 0 {
		t.Errorf("check: %+v", found)
	}
}

func TestTaskIsConnectedWithAKeyThatHasAPassphrase_B2(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	ann := p.newPerson("ann@example.com")
	var made tasks.Task
	ann.ok("POST", "/api/tasks", map[string]any{"name": "Acme Box"}, &made)
	read := func(name string) []byte {
		t.Helper()
		der, err := os.ReadFile("../box/testdata/keys/" + name + ".der")
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	key, err := x509.ParsePKCS8PrivateKey(read("plain"))
	if err != nil {
		t.Fatal(err)
	}
	app := p.enterprise().AddApp("", "")
	if err := app.AddKey("k1", &key.(*rsa.PrivateKey).PublicKey); err != nil {
		t.Fatal(err)
	}
	body := map[string]any{
		"grant": "jwt", "clientId": app.ClientID, "clientSecret": app.ClientSecret, "enterpriseId": p.enterprise().ID, "keyId": "k1",
		"privateKey": string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: read("des3-sha1")})),
	}
	path := "/api/tasks/" + made.ID + "/credentials"
	for _, field := range []string{"keyId", "privateKey"} {
		lacking := maps.Clone(body)
		delete(lacking, field)
		if response, reply := ann.send("POST", path, lacking); response.StatusCode != 400 || !bytes.Contains(reply, []byte(`"location":"`+field+`"`)) {
			t.Errorf("without %s: %d %s", field, response.StatusCode, reply)
		}
	}
	for _, field := range []string{"clientId", "clientSecret", "enterpriseId"} {
		blank := maps.Clone(body)
		blank[field] = "  "
		if response, reply := ann.send("POST", path, blank); response.StatusCode != 400 || !bytes.Contains(reply, []byte(`"location":"`+field+`"`)) {
			t.Errorf("with a blank %s: %d %s", field, response.StatusCode, reply)
		}
	}
	for _, passphrase := range []string{"", "open sesame"} {
		body["passphrase"] = passphrase
		if response, reply := ann.send("POST", path, body); response.StatusCode != 400 || !bytes.Contains(reply, []byte(`"location":"passphrase"`)) {
			t.Errorf("with passphrase %q: %d %s", passphrase, response.StatusCode, reply)
		}
	}
	body["passphrase"] = "open sesame ä"
	response, reply := ann.send("POST", path, body)
	if response.StatusCode != 200 || !bytes.Contains(reply, []byte(`"connection":"Connected"`)) {
		t.Errorf("%d %s", response.StatusCode, reply)
	}
	if strings.Contains(string(reply), "sesame") {
		t.Errorf("the answer holds the passphrase: %s", reply)
	}
}
