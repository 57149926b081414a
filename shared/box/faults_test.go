package box_test

import (
	"context"
	"crypto/sha1" // #nosec G505 -- Box's checksum
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
)

// unchecked returns a client whose answers may be such as Box never gives.
func (w *world) unchecked() *box.Client {
	config := w.config
	config.HTTP = &http.Client{Transport: http.DefaultTransport}
	return box.New(config).As(w.bob)
}

// A creation whose reply is lost, or that fails after it was carried out, has
// happened once when the method returns.
func TestLostCreationsLeaveNoTwins(t *testing.T) {
	t.Parallel()
	kinds := []boxsim.Kind{
		boxsim.Lost, boxsim.Reset, boxsim.Unavailable, boxsim.HTML, boxsim.BadJSON, boxsim.Empty, boxsim.Accepted,
	}
	large := newFile(backup.RootFolder, "new", letters(3<<20+1))
	small := newFile(backup.RootFolder, "new", letters(1000))
	for name, test := range map[string]struct {
		endpoint string
		create   func(ctx context.Context, c *box.Client, old box.Item) (box.Item, error)
	}{
		"folder": {"POST /2.0/folders", func(ctx context.Context, c *box.Client, _ box.Item) (box.Item, error) {
			return c.CreateFolder(ctx, backup.RootFolder, "new")
		}},
		"web link": {"POST /2.0/web_links", func(ctx context.Context, c *box.Client, _ box.Item) (box.Item, error) {
			return c.CreateWebLink(ctx, backup.RootFolder, "new", "https://acme.example", "")
		}},
		"file": {"POST /api/2.0/files/content", func(ctx context.Context, c *box.Client, _ box.Item) (box.Item, error) {
			return c.Upload(ctx, small)
		}},
		"session": {"POST /api/2.0/files/upload_sessions", func(ctx context.Context, c *box.Client, _ box.Item) (box.Item, error) {
			return c.UploadChunked(ctx, large, nil)
		}},
		"part": {"PUT /api/2.0/files/upload_sessions/*", func(ctx context.Context, c *box.Client, _ box.Item) (box.Item, error) {
			return c.UploadChunked(ctx, large, nil)
		}},
		"commit": {"POST /api/2.0/files/upload_sessions/*/commit", func(ctx context.Context, c *box.Client, _ box.Item) (box.Item, error) {
			return c.UploadChunked(ctx, large, nil)
		}},
		"version": {"POST /api/2.0/files/*/content", func(ctx context.Context, c *box.Client, old box.Item) (box.Item, error) {
			return c.UploadVersion(ctx, old.ID, old.ETag, newFile("", "", letters(2000)))
		}},
		"restored": {"POST /2.0/files/*", func(ctx context.Context, c *box.Client, old box.Item) (box.Item, error) {
			if err := c.Delete(ctx, old.Ref(), ""); err != nil {
				return box.Item{}, err
			}
			return c.Untrash(ctx, old.Ref(), "", "")
		}},
	} {
		for _, kind := range kinds {
			for _, after := range []bool{false, true} {
				t.Run(fmt.Sprint(name, " ", kind, " ", after), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t, boxsim.Options{PartSize: 1 << 20, MinSession: 1})
					c := w.unchecked()
					old := must(c.Upload(t.Context(), newFile(backup.RootFolder, "old", letters(10))))(t)
					w.Fault(boxsim.Fault{Endpoint: test.endpoint, Kinds: []boxsim.Kind{kind}, Times: 1, After: after})
					item := must(test.create(t.Context(), c, old))(t)
					if used := w.Stats().Kinds[kind]; used != 1 {
						t.Errorf("the fault was used %d times", used)
					}
					var got []string
					for _, node := range w.Tree(w.bob) {
						if node.ID != backup.RootFolder {
							got = append(got, node.Name)
						}
					}
					want := []string{"new", "old"}
					if item.ID == old.ID {
						want = []string{"old"}
					}
					if diff := cmp.Diff(got, want); diff != "" {
						t.Error(diff)
					}
					versions := must(c.Versions(t.Context(), old.ID))(t)
					if now := must(c.File(t.Context(), old.ID))(t); now.SHA1 == old.SHA1 && len(versions) != 0 || now.SHA1 != old.SHA1 && len(versions) != 1 {
						t.Errorf("%d past versions", len(versions))
					}
				})
			}
		}
	}
}

// A lost reply does not make somebody else's item ours.
func TestWhatOthersCreatedStaysAConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{})
	c := w.unchecked()
	folder := must(w.CreateFolder(w.bob, backup.RootFolder, "new"))(t)
	must(w.Upload(w.bob, folder, "full", letters(10)))(t)
	must(w.Upload(w.bob, backup.RootFolder, "file", letters(10)))(t)
	w.Fault(boxsim.Fault{Endpoint: "POST /2.0/folders", Kinds: []boxsim.Kind{boxsim.Reset}, Times: 1})
	w.Fault(boxsim.Fault{Endpoint: "POST /api/2.0/files/content", Kinds: []boxsim.Kind{boxsim.Reset}, Times: 1})
	if _, err := c.CreateFolder(t.Context(), backup.RootFolder, "new"); !box.IsConflict(err) {
		t.Errorf("folder: %v", err)
	}
	if _, err := c.Upload(t.Context(), newFile(backup.RootFolder, "file", letters(11))); !box.IsConflict(err) {
		t.Errorf("file: %v", err)
	}
}

// With a fifth of all calls failing in every way, everything arrives (I3).
func TestAFifthOfAllCallsMayFail(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{Seed: 1})
	w.Fault(boxsim.Fault{Probability: 0.2, Kinds: []boxsim.Kind{
		boxsim.TooMany, boxsim.ServerError, boxsim.BadGateway, boxsim.Unavailable, boxsim.Timeout,
		boxsim.Reset, boxsim.Lost, boxsim.Cut, boxsim.BadJSON, boxsim.HTML, boxsim.Empty, boxsim.Accepted, boxsim.Blocked,
	}})
	c := w.unchecked()
	want := map[string]string{}
	for i := range 20 {
		folder := must(c.CreateFolder(t.Context(), backup.RootFolder, fmt.Sprint("folder ", i)))(t)
		for j := range 5 {
			content := letters(i*10000 + j*3000)
			must(c.Upload(t.Context(), newFile(folder.ID, fmt.Sprint("file ", j), content)))(t)
			want[fmt.Sprint("folder ", i, "/file ", j)] = string(content)
		}
	}
	clean := int64(120)
	if calls := w.Stats().Calls; float64(calls) > 1.6*float64(clean) {
		t.Errorf("%d calls instead of %d", calls, clean)
	}
	got := map[string]string{}
	for _, folder := range must(c.FolderItems(t.Context(), backup.RootFolder, ""))(t).Entries {
		for _, file := range must(c.FolderItems(t.Context(), folder.ID, ""))(t).Entries {
			got[folder.Name+"/"+file.Name] = verified(t, c, file)
		}
	}
	if !cmp.Equal(got, want) {
		t.Errorf("%d of %d contents arrived, or some differ", len(got), len(want))
	}
}

// verified downloads a file until its SHA-1 is right, as callers must: a body
// that Box's answer calls whole may still be empty or false.
func verified(t *testing.T, c *box.Client, file box.Item) string {
	t.Helper()
	for range 10 {
		body := must(c.Download(t.Context(), file.ID, file.VersionID, 0))(t)
		content, err := io.ReadAll(body)
		_ = body.Close()
		if sum := sha1.Sum(content); err == nil && backup.SHA1(sum).String() == file.SHA1 { // #nosec G401 -- as above
			return string(content)
		}
	}
	t.Errorf("file %s never arrived", file.ID)
	return ""
}

func TestACommitIsRepeatedUntilBoxIsReady(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{PartSize: 1 << 20, MinSession: 1})
	const commit = "POST /api/2.0/files/upload_sessions/*/commit"
	w.Fault(boxsim.Fault{Endpoint: commit, Kinds: []boxsim.Kind{boxsim.Mismatch}, Times: 3})
	w.Fault(boxsim.Fault{Endpoint: commit, Kinds: []boxsim.Kind{boxsim.Accepted}, Times: 20})
	file := newFile(backup.RootFolder, "large", letters(2<<20))
	made := must(w.unchecked().UploadChunked(t.Context(), file, nil))(t)
	if made.SHA1 != file.SHA1.String() {
		t.Errorf("made %+v", made)
	}
}
