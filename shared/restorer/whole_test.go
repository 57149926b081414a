package restorer_test

import (
	"crypto/sha1" // #nosec G505 -- Box's checksum
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/job"
	"coffer/shared/task"
)

// plain is a Box client with nothing of ours: it lists by offsets, and hashes
// what it downloads itself.
type plain struct {
	*testing.T
	address, token string
}

// get asks Box and returns the answer's body.
func (p plain) get(path string) io.ReadCloser {
	p.Helper()
	r, err := http.NewRequestWithContext(p.Context(), http.MethodGet, p.address+path, nil)
	must(p.T, err)
	r.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := http.DefaultClient.Do(r)
	must(p.T, err)
	if resp.StatusCode != http.StatusOK {
		p.Fatalf("%s: %s", path, resp.Status)
	}
	return resp.Body
}

func (p plain) read(path string, into any) {
	p.Helper()
	body := p.get(path)
	defer body.Close()
	must(p.T, json.NewDecoder(body).Decode(into))
}

// hash downloads a content.
func (p plain) hash(path string) string {
	p.Helper()
	body := p.get(path)
	defer body.Close()
	h := sha1.New() // #nosec G401 -- as above
	_, err := io.Copy(h, body)
	must(p.T, err)
	return fmt.Sprintf("%x", h.Sum(nil))
}

// tree describes everything in a folder: of files the content as it is downloaded
// and as Box tells it, the times, and past versions, oldest first.
func (p plain) tree(folder, path string) (lines []string) {
	p.Helper()
	const fields = "type,id,name,description,sha1,size,url,content_created_at,content_modified_at,version_number"
	for offset := 0; ; offset += 1000 {
		var page struct {
			Total   int `json:"total_count"`
			Entries []struct {
				Type, ID, Name, Description, SHA1, URL string
				Size                                   int64
				Created                                string `json:"content_created_at"`
				Modified                               string `json:"content_modified_at"`
				Version                                string `json:"version_number"`
			}
		}
		p.read("/2.0/folders/"+folder+"/items?limit=1000&offset="+strconv.Itoa(offset)+"&fields="+url.QueryEscape(fields), &page)
		for _, it := range page.Entries {
			at := path + "/" + it.Name
			line := fmt.Sprintf("%s %q %q %s", it.Type, at, it.Description, it.URL)
			switch it.Type {
			case "folder":
				lines = append(lines, p.tree(it.ID, at)...)
			case "file":
				sum := p.hash("/2.0/files/" + it.ID + "/content")
				if sum != it.SHA1 {
					p.Errorf("%s: Box tells SHA-1 %s and sends %s", at, it.SHA1, sum)
				}
				line += fmt.Sprintf(" %s %d %s %s", sum, it.Size, it.Created, it.Modified)
				if it.Version != "" && it.Version != "1" {
					line += p.past(it.ID)
				}
			}
			lines = append(lines, line)
		}
		if offset+1000 >= page.Total {
			return lines
		}
	}
}

func (p plain) past(file string) string {
	p.Helper()
	var list struct {
		Entries []struct {
			ID, SHA1 string
			Size     int64
		}
	}
	p.read("/2.0/files/"+file+"/versions?limit=1000", &list)
	slices.Reverse(list.Entries)
	text := " after"
	for _, v := range list.Entries {
		text += fmt.Sprintf(" %s %d", p.hash("/2.0/files/"+file+"/content?version="+v.ID), v.Size)
	}
	return text
}

// furnishWhole gives Bob items of all kinds: a fifth of them have nasty names, 5 %
// of the files past versions, some folders are empty, and one lies 60 deep.
func (h *house) furnishWhole(t *testing.T, items int, sizes []int64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(11, 1))
	folders := []string{backup.RootFolder}
	deep := backup.RootFolder
	for i := range 60 {
		var err error
		deep, err = h.sim.CreateFolder(h.user, deep, fmt.Sprintf("deeper %d", i))
		must(t, err)
	}
	for i, size := range sizes {
		_, err := h.sim.UploadGenerated(h.user, backup.RootFolder, fmt.Sprintf("Size %d %d", i, size), size, uint64(i))
		must(t, err)
	}
	for i := range items {
		place := folders[rng.IntN(len(folders))]
		if i%25 == 0 {
			place = deep
		}
		name := fmt.Sprintf("Item %d", i)
		if i%5 == 0 {
			name = fmt.Sprint(boxsim.NastyNames[i/5%len(boxsim.NastyNames)], " ", i)
			if len(name) > 200 {
				name = fmt.Sprint(i, strings.Repeat("n", 240))
			}
		}
		switch {
		case i%12 == 7:
			id, err := h.sim.CreateFolder(h.user, place, name)
			must(t, err)
			if i%3 > 0 {
				folders = append(folders, id) // the others stay empty
			}
		case i%40 == 3:
			_, err := h.sim.AddWebLink(h.user, place, name, "https://example.com/"+strconv.Itoa(i))
			must(t, err)
		default:
			body := make([]byte, rng.IntN(2000)*min(i%9, 1))
			for j := range body {
				body[j] = byte(rng.Uint32())
			}
			id, err := h.sim.Upload(h.user, place, name, body)
			must(t, err)
			for n := range 2 * max(0, 1-i%20) {
				must(t, h.sim.NewVersion(h.user, id, fmt.Appendf(nil, "version %d of %d", n, i)))
			}
		}
	}
}

// TestWholeAccountReturnsToAnotherOne_I1 backs up, restores to a fresh account,
// and compares both with a plain client. COFFER_ITEMS makes it full size: with
// the sizes around every limit.
func TestWholeAccountReturnsToAnotherOne_I1(t *testing.T) {
	t.Parallel()
	items := 300
	sizes := []int64{0, 1, 8<<20 - 1, 8<<20 + 1}
	if n, err := strconv.Atoi(os.Getenv("COFFER_ITEMS")); err == nil {
		items = n
		sizes = append(sizes, 8<<20, 19_999_999, 20_000_000, 20_000_001, 49_999_999, 50_000_000, 50_000_001, 120_000_000)
	}
	h := newHouse(t, boxsim.Options{Seed: 3})
	changed, err := h.Tasks.Change(t.Context(), h.task.Account, h.task.ID, task.Settings{Policy: &task.Policy{Versions: true}})
	must(t, err)
	h.task = changed
	h.furnishWhole(t, items, sizes)
	snap := h.backUp(t)
	enterprise, _ := h.sim.FindEnterprise("Acme")
	fresh := enterprise.AddUser("Fresh", "fresh@acme.example", boxsim.Member)
	j := job.Job{
		Account: h.task.Account, ID: backup.JobID(backup.NewSortableID(h.now())), Kind: job.Restore, Label: "All of it", Task: h.task.ID, TaskName: "Files",
		BoxUser: h.user, UserName: "Bob", UserLogin: "bob@acme.example", Snapshot: snap, Whole: true, Mode: backup.NonDestructive,
		Include: job.Include{Versions: true}, Initiator: "ada@acme.example", Created: h.now(),
		Destination: &job.Destination{BoxUser: fresh, UserName: "Fresh", UserLogin: "fresh@acme.example", Folder: backup.RootFolder},
	}
	must(t, h.Jobs.Create(t.Context(), j, nil))
	j = h.finish(t, backup.JobMessage{Account: j.Account, Job: j.ID})
	h.wantAll(t, j, len(h.sim.Tree(h.user)))

	server := httptest.NewServer(h.sim)
	t.Cleanup(server.Close)
	want := plain{t, server.URL, h.sim.Token(h.user)}.tree(backup.RootFolder, "")
	got := plain{t, server.URL, h.sim.Token(fresh)}.tree(j.Target, "")
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("the restored account differs (-restored +source):\n%s", diff)
	}
	if len(want) != items+60+len(sizes) {
		t.Errorf("%d items were compared, want %d", len(want), items+60+len(sizes))
	}
}
