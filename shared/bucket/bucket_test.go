package bucket_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/backup"
	"coffer/shared/bucket"
	"coffer/shared/vault"
)

// stores are the stores of objects; every test that uses it holds for each.
func stores(t *testing.T, test func(t *testing.T, objects vault.Objects)) {
	t.Helper()
	t.Run("S3", func(t *testing.T) {
		t.Parallel()
		cloud := localtest.Start(t)
		test(t, bucket.New(cloud.AWS, cloud.Bucket(t)))
	})
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		folder, err := vault.OpenFolder(t.TempDir())
		check(t, err)
		t.Cleanup(func() { check(t, folder.Close()) })
		test(t, folder)
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, objects vault.Objects, key, body string) error {
	t.Helper()
	return objects.Put(t.Context(), key, strings.NewReader(body), int64(len(body)), sha256.Sum256([]byte(body)))
}

func TestObjectsComeBackInPieces(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, objects vault.Objects) {
		check(t, put(t, objects, "packs/acme/box/one", "0123456789"))
		for _, tt := range []struct {
			offset, length int64
			want           string
		}{{0, -1, "0123456789"}, {3, -1, "3456789"}, {0, 4, "0123"}, {7, 3, "789"}, {7, 30, "789"}, {5, 0, ""}} {
			body, err := objects.Get(t.Context(), "packs/acme/box/one", tt.offset, tt.length)
			check(t, err)
			got, err := io.ReadAll(body)
			check(t, errors.Join(err, body.Close()))
			if string(got) != tt.want {
				t.Errorf("%d bytes from %d: %q, want %q", tt.length, tt.offset, got, tt.want)
			}
		}
	})
}

func TestPieceBeyondTheEndIsEmpty(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, objects vault.Objects) {
		check(t, put(t, objects, "packs/a/b/short", "12345"))
		r, err := objects.Get(t.Context(), "packs/a/b/short", 100, 10)
		check(t, err)
		got, err := io.ReadAll(r)
		check(t, errors.Join(err, r.Close()))
		if len(got) != 0 {
			t.Errorf("got %q", got)
		}
	})
}

func TestObjectIsWrittenOnce(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, objects vault.Objects) {
		check(t, put(t, objects, "packs/a/b/c", "first"))
		check(t, put(t, objects, "packs/a/b/c", "first"))
		if err := put(t, objects, "packs/a/b/c", "other"); backup.KindOf(err) != backup.Conflict {
			t.Errorf("another body: %v, want a conflict", err)
		}
		var won atomic.Int32
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if put(t, objects, "catalogs/a/b/c/d", fmt.Sprint(i)) == nil {
					won.Add(1)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d of 8 different writes succeeded, want one", won.Load())
		}
	})
}

func TestWrongChecksumStoresNothing(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, objects vault.Objects) {
		err := objects.Put(t.Context(), "packs/a/b/c", strings.NewReader("bytes"), 5, sha256.Sum256([]byte("bytez")))
		if err == nil {
			t.Error("a body with another SHA-256 was stored")
		}
		if _, err := objects.Get(t.Context(), "packs/a/b/c", 0, -1); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Get: %v, want that it does not exist", err)
		}
	})
}

func TestListAndDelete(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, objects vault.Objects) {
		before := time.Now().Add(-time.Minute)
		for _, key := range []string{"packs/a/b/1", "packs/a/b/2", "packs/a/bb/3", "catalogs/a/b/1/2"} {
			check(t, put(t, objects, key, key))
		}
		list := func(prefix string) (keys []string) {
			t.Helper()
			check(t, objects.List(t.Context(), prefix, func(key string, size int64, modified time.Time) error {
				if size != int64(len(key)) || modified.Before(before) || modified.After(time.Now().Add(time.Minute)) {
					t.Errorf("%s has %d bytes of %v", key, size, modified)
				}
				keys = append(keys, key)
				return nil
			}))
			slices.Sort(keys)
			return keys
		}
		if diff := cmp.Diff([]string{"packs/a/b/1", "packs/a/b/2"}, list("packs/a/b/")); diff != "" {
			t.Error(diff)
		}
		check(t, objects.Delete(t.Context(), "packs/a/b/1"))
		check(t, objects.Delete(t.Context(), "packs/a/b/1"))
		if diff := cmp.Diff([]string{"packs/a/b/2", "packs/a/bb/3"}, list("packs/")); diff != "" {
			t.Error(diff)
		}
		if got := list("packs/none/"); got != nil {
			t.Errorf("list of nothing: %v", got)
		}
		stop := errors.New("stop")
		if err := objects.List(t.Context(), "packs/", func(string, int64, time.Time) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("List: %v, want the visitor's error", err)
		}
	})
}

func TestListGoesOnPastAPage(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	objects := bucket.New(cloud.AWS, cloud.Bucket(t))
	const n = 1001 // a page has 1,000
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := worker; i < n; i += 8 {
				if err := put(t, objects, fmt.Sprintf("packs/a/b/%04d", i), ""); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	got := 0
	check(t, objects.List(t.Context(), "packs/", func(string, int64, time.Time) error { got++; return nil }))
	if got != n {
		t.Errorf("%d objects listed, want %d", got, n)
	}
}

// recorder notes the storage class of every write; the local S3 server takes
// it and does not tell it again.
type recorder struct {
	http.RoundTripper
	classes map[string]string
}

func (r recorder) Do(request *http.Request) (*http.Response, error) {
	if request.Method == http.MethodPut {
		_, key, _ := strings.Cut(strings.TrimPrefix(request.URL.Path, "/"), "/")
		r.classes[key] = request.Header.Get("X-Amz-Storage-Class")
	}
	return r.RoundTrip(request)
}

func TestPacksAreArchivedAndCatalogsAreNot(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	name := cloud.Bucket(t)
	recorder := recorder{http.DefaultTransport, map[string]string{}}
	cfg := cloud.AWS.Copy()
	cfg.HTTPClient = recorder
	objects := bucket.New(cfg, name)
	check(t, put(t, objects, "packs/a/b/c", "a pack"))
	check(t, put(t, objects, "catalogs/a/b/c/d", "a catalog"))
	want := map[string]string{"packs/a/b/c": "GLACIER_IR", "catalogs/a/b/c/d": "STANDARD"}
	if diff := cmp.Diff(want, recorder.classes); diff != "" {
		t.Error(diff)
	}
	client := s3.NewFromConfig(cloud.AWS)
	for key := range want {
		head, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &name, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
		check(t, err)
		if head.ChecksumSHA256 == nil {
			t.Errorf("%s is stored without a SHA-256", key)
		}
	}
}
