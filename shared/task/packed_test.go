package task

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"coffer/shared/backup"
)

func packed(t testing.TB, entries ...Entry) []byte {
	t.Helper()
	w, err := newRosterWriter()
	for _, e := range entries {
		if err == nil {
			err = w.add(e)
		}
	}
	if err == nil {
		err = w.zip.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return w.packed.Bytes()
}

// TestRosterUnpacksToWhatWasPacked packs as many as DynamoDB takes in a few rows:
// a Box user of an enterprise costs some 30 bytes.
func TestRosterUnpacksToWhatWasPacked(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 1, 2, 3, 4e6, time.UTC)
	entries := []Entry{
		{},
		{ID: "1", Name: "Ann\x00🗺", Login: "ann@acme.example", Status: backup.Success, Items: 1 << 40, Size: 1<<63 - 1, FirstBackup: at, LastBackup: at.Add(time.Hour), Deleted: at, Tags: []backup.TagID{"t1", backup.LimitedAccess}},
		{ID: "2", Items: -1, Tags: []backup.TagID{""}},
	}
	for i := range 20_000 {
		entries = append(entries, Entry{
			ID: backup.BoxUserID(fmt.Sprint(20_000_000_000 + i*7919)), Name: fmt.Sprintf("Some%x Body%x", i*i%4099, i*31%977), Login: fmt.Sprintf("some%x.body%x@acme.example", i*i%4099, i*31%977),
			Status: backup.Success, Items: int64(i * i % 100_003), Size: int64(i*i) << 12, FirstBackup: at.Add(time.Duration(i) * time.Second), LastBackup: at.Add(time.Duration(i*i%86_399_999) * time.Millisecond),
		})
	}
	data := packed(t, entries...)
	got, err := readRoster(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(entries, got); diff != "" {
		t.Errorf("unpacked (-want +got):\n%s", diff)
	}
	if each := len(data) / len(entries); each > 60 {
		t.Errorf("%d bytes for each Box user", each)
	}
}

// FuzzRosterIsReadAgainOrRefused_B5 has what can be read come back the same.
func FuzzRosterIsReadAgainOrRefused_B5(f *testing.F) {
	zip, err := zstd.NewWriter(nil)
	if err != nil {
		f.Fatal(err)
	}
	unzip, err := zstd.NewReader(nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, entries := range [][]Entry{nil, {{}}, {{ID: "1", Name: "Ann", Tags: []backup.TagID{"a", "b"}, Deleted: time.UnixMilli(1)}, {ID: "2"}}} {
		plain, err := unzip.DecodeAll(packed(f, entries...), nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(plain)
	}
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, plain []byte) {
		entries, err := readRoster(zip.EncodeAll(plain, nil))
		if err != nil {
			return
		}
		again, err := readRoster(packed(t, entries...))
		if diff := cmp.Diff(entries, again); diff != "" || err != nil {
			t.Errorf("%v (-first +again):\n%s", err, diff)
		}
	})
}
