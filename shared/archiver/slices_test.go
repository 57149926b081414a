package archiver_test

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// longer is how much longer an invocation is after one that was cut off.
const longer = 3

// sliced backs up in invocations of so little time that none could do it. It
// returns how many there were, and how many of them were cut off before they
// could hand over, as the machine may be busy: longer ones follow those.
func (h *house) sliced(t *testing.T, slice time.Duration) (slices, cut int) {
	t.Helper()
	message := h.request(t)
	for long := slice; h.row(t).RunID != ""; slices++ {
		ctx, cancel := context.WithTimeout(t.Context(), long)
		err := h.Run(ctx, message)
		cancel()
		long = slice
		if err != nil {
			cut++
			long = longer * slice
			h.expire()
		}
		if slices > 2000 {
			t.Fatal("the run does not get on")
		}
	}
	return slices, cut
}

// sized returns a size that the environment may change: COFFER_FILES=2000 go
// test ./shared/archiver -run C4 stops more than 50 times.
func sized(t *testing.T, variable string, usual int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

func TestRunGoesOnFromInvocationToInvocation_C4(t *testing.T) {
	t.Parallel()
	const slice, latency, largest = 600 * time.Millisecond, 40 * time.Millisecond, 2000
	h := newHouse(t, boxsim.Options{Seed: 8, Latency: latency})
	files := sized(t, "COFFER_FILES", 200)
	_, err := h.sim.Grow(h.user, boxsim.Mass{Seed: 8, Files: files, PerFolder: 20, Min: 1000, Max: largest})
	must(t, err)
	h.sim.Fault(boxsim.Fault{Endpoint: "POST /2.0/zip_downloads", Kinds: []boxsim.Kind{boxsim.Forbidden}}) // one by one, so that it takes long
	slices, cut := h.sliced(t, slice)
	h.wantSnapshotEqualsSource(t)
	const atOnce = 8
	total := int64(0)
	for _, n := range h.sim.Tree(h.user) {
		total += n.Content.Size
	}
	sent := h.sim.Stats().Sent
	t.Logf("%d invocations, %d of them cut off, downloaded %d bytes of %d", slices, cut, sent, total)
	if least := files / atOnce * int(latency) / int(longer*slice); slices < least {
		t.Errorf("%d invocations, want at least %d", slices, least)
	}
	// What is under way when time is up is let end, unless the machine is too
	// busy. Of an invocation that was cut off all may be lost.
	if most := total + int64(slices)*atOnce*largest + int64(cut)*int64(longer*slice/latency)*atOnce*largest; sent > most {
		t.Errorf("%d bytes were downloaded, want at most %d", sent, most)
	}
}

// TestLargeFileGoesOnFromInvocationToInvocation_C4 backs up one file that no
// invocation can download: COFFER_SPARSE=100000000000 COFFER_SLICE=60 go test
// ./shared/archiver -run LargeFile -timeout 1h is one of 100 GB, in minutes.
func TestLargeFileGoesOnFromInvocationToInvocation_C4(t *testing.T) {
	t.Parallel()
	const part = 64 << 20
	h := newHouse(t, boxsim.Options{Seed: 9})
	size := int64(sized(t, "COFFER_SPARSE", 600_000_000))
	_, err := h.sim.UploadSparse(h.user, backup.RootFolder, "Disk.img", size, 9)
	must(t, err)
	slices, cut := h.sliced(t, time.Duration(sized(t, "COFFER_SLICE", 0))*time.Second+500*time.Millisecond)
	h.wantSnapshotEqualsSource(t)
	sent := h.sim.Stats().Sent
	t.Logf("%d invocations, %d of them cut off, downloaded %d bytes of %d", slices, cut, sent, size)
	// One part may be on its way to the store and another be read where an
	// invocation is cut off.
	if most := size + int64(slices)*2*part; sent > most {
		t.Errorf("%d bytes were downloaded, want at most %d", sent, most)
	}
}
