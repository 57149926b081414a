package archiver_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"coffer/scripts/local/localtest"
	"coffer/shared/box/boxsim"
	"coffer/shared/bucket"
)

// TestEveryObjectCarriesItsChecksum_I6 backs up with large contents, asks S3 for
// the checksum of every object, and reads it. A write whose checksum is wrong
// stores nothing.
func TestEveryObjectCarriesItsChecksum_I6(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 19})
	h.furnish(t, 50)
	var mu sync.Mutex
	sent := map[string]string{}
	h.puts.Store(func(r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		sent[key] = r.Header.Get("X-Amz-Checksum-Sha256")
	})
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)

	client := s3.NewFromConfig(localtest.Start(t).AWS)
	objects := bucket.New(localtest.Start(t).AWS, h.rooms.bucket)
	kept := func() (keys []string) {
		for _, prefix := range []string{"packs/", "catalogs/"} {
			must(t, objects.List(t.Context(), prefix, func(key string, _ int64, _ time.Time) error {
				keys = append(keys, key)
				return nil
			}))
		}
		return keys
	}
	before := kept()
	if len(before) < 5 || len(before) != len(sent) {
		t.Errorf("%d objects of %d writes, want packs of small and of large contents and a catalog", len(before), len(sent))
	}
	for _, key := range before {
		head, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &h.rooms.bucket, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
		must(t, err)
		body, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &h.rooms.bucket, Key: &key})
		must(t, err)
		hash := sha256.New()
		_, err = io.Copy(hash, body.Body)
		must(t, err)
		must(t, body.Body.Close())
		is := base64.StdEncoding.EncodeToString(hash.Sum(nil))
		if head.ChecksumSHA256 == nil || *head.ChecksumSHA256 != is || sent[key] != is {
			t.Errorf("%s has SHA-256 %s, was sent with %q, and S3 keeps %v", key, is, sent[key], head.ChecksumSHA256)
		}
	}

	// A body that changes on its way is refused.
	h.puts.Store(func(r *http.Request) {
		r.Header.Set("X-Amz-Checksum-Sha256", base64.StdEncoding.EncodeToString(make([]byte, sha256.Size)))
	})
	_, err := h.sim.Upload(h.user, "0", "more.txt", []byte("more"))
	must(t, err)
	must(t, h.Run(t.Context(), h.request(t)))
	if after := kept(); len(after) != len(before) {
		t.Errorf("%d objects after refused writes, want %d", len(after), len(before))
	}
	h.puts.Store(func(*http.Request) {})
	for h.row(t).RunID != "" {
		must(t, h.Run(t.Context(), h.row(t).Message()))
	}
	h.wantSnapshotEqualsSource(t)
}
