package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coffer/scripts/local/loopback"
)

// begin runs the program on a free port and returns its first line.
func begin(t *testing.T, args ...string) (greeting, func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), write)
		_ = write.CloseWithError(errors.Join(err, io.EOF))
		ended <- err
	}()
	line, err := bufio.NewReader(read).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var hello greeting
	if err := json.Unmarshal(line, &hello); err != nil {
		t.Fatal(err)
	}
	end := func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		ended <- nil
	}
	t.Cleanup(end)
	return hello, end
}

// get returns what the simulator answers to the administrator.
func get(t *testing.T, hello greeting, path string) map[string]any {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, hello.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+hello.AccessToken)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatalf("%s: %d: %v", path, resp.StatusCode, err)
	}
	return out
}

func TestTheFirstLineIsEnoughToUseIt(t *testing.T) {
	t.Parallel()
	hello, _ := begin(t, "-users", "3", "-files", "5")
	if users := get(t, hello, "/2.0/users"); users["total_count"] != 3.0 || len(hello.Users) != 3 {
		t.Errorf("got %v and %v", users, hello.Users)
	}
	resp, err := http.PostForm(hello.URL+"/oauth2/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {hello.ClientID}, "client_secret": {hello.ClientSecret},
		"box_subject_type": {"enterprise"}, "box_subject_id": {hello.EnterpriseID},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the client credentials answer %d", resp.StatusCode)
	}
}

func TestImportedFilesAreTheFirstUsers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "plan.txt"), []byte("ship it"), 0o600); err != nil {
		t.Fatal(err)
	}
	hello, _ := begin(t, "-users", "2", "-import", dir)
	items := get(t, hello, "/2.0/folders/0/items")
	if items["total_count"] != 1.0 || items["entries"].([]any)[0].(map[string]any)["name"] != "plan.txt" {
		t.Errorf("got %v", items)
	}
}

func TestFirstUserGetsAVeryLargeAccount(t *testing.T) {
	t.Parallel()
	hello, _ := begin(t, "-users", "1", "-files", "0", "-mass", "200", "-wide", "1500", "-sparse", "100000000")
	top := get(t, hello, "/2.0/folders/0/items?fields=name,size")["entries"].([]any)
	if len(top) != 2 || top[1].(map[string]any)["size"] != 1e8 {
		t.Fatalf("the root folder has %v", top)
	}
	mass := get(t, hello, "/2.0/folders/"+top[0].(map[string]any)["id"].(string)+"/items?fields=name&limit=1000")
	for _, entry := range mass["entries"].([]any) {
		e := entry.(map[string]any)
		if e["name"] != "Everything" {
			continue
		}
		if wide := get(t, hello, "/2.0/folders/"+e["id"].(string)+"/items?limit=1"); wide["total_count"] != 1500.0 {
			t.Errorf("the wide folder has %v items", wide["total_count"])
		}
		return
	}
	t.Error("there is no wide folder")
}

func TestStateLastsOverARestart(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	hello, end := begin(t, "-users", "1", "-files", "9", "-state", state)
	before := get(t, hello, "/2.0/folders/0/items?fields=id,name,sha1")
	end()
	again, _ := begin(t, "-users", "1", "-files", "1", "-state", state)
	after := get(t, again, "/2.0/folders/0/items?fields=id,name,sha1")
	one, _ := json.Marshal(before)
	two, _ := json.Marshal(after)
	if !bytes.Equal(one, two) || again.ClientSecret != hello.ClientSecret {
		t.Errorf("got %s, want %s", two, one)
	}
}

func TestOnlyLoopbackIsServed(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{":8090", "0.0.0.0:8090", "192.0.2.1:8090", "nonsense"} {
		if err := run(t.Context(), []string{"-addr", addr}, io.Discard); err == nil || !strings.Contains(err.Error(), "-addr") {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestForeignHostNamesAreRefused(t *testing.T) {
	t.Parallel()
	hello, _ := begin(t, "-users", "1", "-files", "1")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, hello.URL+"/_sim/stats", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "box.example"
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("a request to another host name is answered with %d", resp.StatusCode)
	}
}

func TestProxyAndItsAuthorityAreThere(t *testing.T) {
	t.Parallel()
	port, err := loopback.FreePort(0)
	if err != nil {
		t.Fatal(err)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	hello, _ := begin(t, "-users", "1", "-files", "1", "-limits", "-latency", "1ms", "-proxy", fmt.Sprintf("127.0.0.1:%d", port), "-ca", ca)
	pem, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	through, err := url.Parse(hello.Proxy)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(through), TLSClientConfig: &tls.Config{RootCAs: roots}}}
	t.Cleanup(client.CloseIdleConnections)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.box.com/2.0/users/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+hello.AccessToken)
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("Box's own host answers %d through the proxy", resp.StatusCode)
	}
}
