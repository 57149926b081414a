package restorer_test

import (
	"fmt"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/job"
)

// TestProgressMovesWhileItemsAreWorkedOn reads the job's row while a large file
// and small ones, all of one batch, are restored.
func TestProgressMovesWhileItemsAreWorkedOn(t *testing.T) {
	t.Parallel()
	const large = box.MaxDirect + 30<<20
	h := newHouse(t, boxsim.Options{Seed: 24, PartSize: 8 << 20, Latency: 100 * time.Millisecond})
	_, err := h.sim.UploadGenerated(h.user, backup.RootFolder, "large", large, 1)
	must(t, err)
	total := int64(large)
	for i := range 10 {
		h.write(t, fmt.Sprint("/", i), fmt.Sprint(i))
		total++
	}
	snap := h.backUp(t)
	h.deleteAll(t)
	h.Beat = 10 * time.Millisecond
	m := h.ask(t, snap, backup.NonDestructive)
	done := make(chan error)
	go func() { done <- h.Run(t.Context(), m) }()
	var last job.Job
	var bytes, items int // how often they moved
	for ended := false; !ended; {
		select {
		case err := <-done:
			must(t, err)
			ended = true
		default:
		}
		j, err := h.Jobs.Job(t.Context(), m.Account, m.Job)
		must(t, err)
		if j.Done < last.Done || j.Bytes < last.Bytes || j.Bytes > total || j.Total > 0 && (j.Total != 11 || j.TotalBytes != total) {
			t.Errorf("after %+v: %+v", last, j)
		}
		if j.Bytes > last.Bytes+1<<20 && !j.Status.Final() { // of the large file
			bytes++
		}
		if j.Done > last.Done && !j.Status.Final() {
			items++
		}
		last = j
	}
	wantJob(t, last, backup.JobSucceeded, 11, 0, 0)
	if last.Bytes != total || bytes < 3 || items < 1 {
		t.Errorf("%d of %d bytes; the bytes moved %d times and the items %d times before the end", last.Bytes, total, bytes, items)
	}
}
