package chaos_test

import (
	"crypto/sha1" // #nosec G505 -- Box's checksum
	"flag"
	"fmt"
	"io"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// maxMemory is what the backup function may hold, however large a file is.
const maxMemory = 512 << 20

var gigabytes = flag.Int64("large.gigabytes", 1, "size of a file that is larger than what a function may hold")

func TestFileLargerThanMemoryNeedsNone(t *testing.T) {
	t.Parallel()
	h := enter(t)
	user := h.users["Large"]
	size := *gigabytes << 30
	if _, err := h.sim.UploadGenerated(user, backup.RootFolder, "Film.mov", size, 3); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	h.request(t, h.task, user)
	u := h.finished(t, h.task, user)
	if u.Status != backup.Success {
		t.Fatalf("the backup ended %s: %s", u.Status, u.Reason)
	}
	t.Logf("%d bytes backed up in %.1f s", size, time.Since(begin).Seconds())
	eventually(t, "what an invocation held is known, after its end", func() bool { return h.cloud.Functions.Usage("backup").Running == 0 })
	peak := h.cloud.Functions.Usage("backup").PeakMemory // of all backups so far
	t.Logf("with %d MB of memory", peak>>20)
	if peak == 0 || peak > maxMemory {
		t.Errorf("the backup function held %d bytes, want at most %d", peak, maxMemory)
	}
	h.equalsBox(t, h.task, user, u.Snapshot)

	file := h.sim.Tree(user)[0]
	begin = time.Now()
	body, err := h.vault(t, h.task).Read(t.Context(), file.Content)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	sum := sha1.New() // #nosec G401
	if n, err := io.Copy(sum, body); err != nil || n != size || backup.SHA1(sum.Sum(nil)) != file.Content.SHA1 {
		t.Errorf("the vault gives %d bytes with SHA-1 %x, want %d with %s: %v", n, sum.Sum(nil), size, file.Content.SHA1, err)
	}
	t.Logf("read back in %.1f s", time.Since(begin).Seconds())
}

func TestFolderOfTwentyThousandItemsTakesFewCalls(t *testing.T) {
	t.Parallel()
	h := enter(t)
	user := h.users["Wide"]
	const items, files = 20_000, 5200
	folder, err := h.sim.CreateFolder(user, backup.RootFolder, "Everything")
	if err == nil {
		err = h.sim.Fill(user, folder, files)
	}
	for i := 0; err == nil && i < items-files; i++ {
		_, err = h.sim.AddWebLink(user, folder, fmt.Sprintf("link %d", i), fmt.Sprintf("https://example.com/%d", i))
	}
	if err != nil {
		t.Fatal(err)
	}
	h.request(t, h.task, user)
	u := h.finished(t, h.task, user)
	if u.Status != backup.Success || u.Items != items+1 {
		t.Fatalf("the backup ended %s with %d items: %s", u.Status, u.Items, u.Reason)
	}
	// 1,000 items are in a page of a folder, 5,000 files in an archive.
	const most = 60
	if s := h.snapshots(t, h.task, user)[0]; s.Calls > most {
		t.Errorf("the backup made %d Box calls, want at most %d", s.Calls, most)
	} else {
		t.Logf("%d Box calls in %.1f s", s.Calls, s.Ended.Sub(s.Started).Seconds())
	}
	begin := time.Now()
	h.equalsBox(t, h.task, user, u.Snapshot) // page by page
	t.Logf("browsed in %.1f s", time.Since(begin).Seconds())

	// A day later hardly anything is asked or stored again.
	if err := h.sim.Rename(user, boxsim.FolderRef(folder), "Everything, archived"); err != nil {
		t.Fatal(err)
	}
	h.request(t, h.task, user)
	u = h.finished(t, h.task, user)
	s := h.snapshots(t, h.task, user)[0]
	if u.Status != backup.Success || s.Calls > 10 || s.Stored > 0 {
		t.Errorf("the second backup ended %s after %d calls and stored %d bytes, want no more than a few calls", u.Status, s.Calls, s.Stored)
	}
	h.equalsBox(t, h.task, user, u.Snapshot)
}
