package proxy_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/box/boxsim/proxy"
)

// start returns a simulator with one user behind a proxy, the proxy's address
// and the file with its authority.
func start(t *testing.T) (sim *boxsim.Sim, user backup.BoxUserID, address, ca string) {
	t.Helper()
	sim = boxsim.New(boxsim.Options{Seed: 1})
	user = sim.AddEnterprise("Acme").AddUser("Ada", "ada@acme.example", boxsim.Admin)
	p, err := proxy.New(sim)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, p.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	return sim, user, server.URL, ca
}

func TestBoxHostsLeadToTheSimulatorAndOthersNowhere(t *testing.T) {
	t.Parallel()
	sim, user, address, ca := start(t)
	pem, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	through, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(through), TLSClientConfig: &tls.Config{RootCAs: roots}}}
	t.Cleanup(client.CloseIdleConnections)
	get := func(url string) (*http.Response, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+sim.Token(user))
		return client.Do(req)
	}
	resp, err := get("https://api.box.com/2.0/users/me")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), `"ada@acme.example"`) {
		t.Errorf("got %d %s, %v", resp.StatusCode, body, err)
	}
	for _, foreign := range []string{"https://example.com/", "https://box.com.example.com/", "https://notbox.com/"} {
		if resp, err := get(foreign); err == nil {
			_ = resp.Body.Close()
			t.Errorf("%s answered %d, want it refused", foreign, resp.StatusCode)
		}
	}
}

func TestUnmodifiedRcloneListsUploadsAndDownloads(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("rclone")
	if err != nil {
		t.Fatal("rclone is not installed: run make test, or install Debian's package rclone")
	}
	sim, user, address, ca := start(t)
	if _, err := sim.Upload(user, backup.RootFolder, "hello.txt", []byte("hello")); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "rclone.conf")
	token := `{"access_token":"` + sim.Token(user) + `","token_type":"bearer","expiry":"2099-01-01T00:00:00Z"}`
	if err := os.WriteFile(config, []byte("[box]\ntype = box\ntoken = "+token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rclone := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), program, append(args, "--config", config, "--ca-cert", ca)...)
		cmd.Env = append(os.Environ(), "https_proxy="+address, "HTTPS_PROXY="+address, "no_proxy=", "NO_PROXY=")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("rclone %v: %v\n%s", args, err, stderr.String())
		}
		return string(out)
	}

	if got := rclone("lsf", "box:"); got != "hello.txt\n" {
		t.Errorf("rclone lists %q, want hello.txt", got)
	}

	up := filepath.Join(dir, "up")
	if err := os.MkdirAll(filepath.Join(up, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	big := bytes.Repeat([]byte("0123456789abcdef"), 55<<20/16) // above 50 MB, so uploaded in parts
	for name, body := range map[string][]byte{"one.txt": []byte("one"), "empty": nil, "sub/big.bin": big} {
		if err := os.WriteFile(filepath.Join(up, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rclone("copy", up, "box:up")
	down := filepath.Join(dir, "down")
	rclone("copy", "box:up", down)
	for name, want := range map[string][]byte{"one.txt": []byte("one"), "empty": {}, "sub/big.bin": big} {
		got, err := os.ReadFile(filepath.Join(down, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s came back with %d bytes, %v, want the %d that went up", name, len(got), err, len(want))
		}
	}
}
