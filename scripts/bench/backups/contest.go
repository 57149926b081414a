package backups

import (
	"context"
	"fmt"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// Sizes are how much is backed up.
type Sizes struct {
	Small  int          // small files, in folders of a hundred
	Part   map[bool]int // of them that rivals do, by whether Box's limits are on
	Large  int          // files of 50 MB
	Growth []int        // accounts, in files
}

// The sizes of measurements.
var (
	full  = Sizes{Small: 10_000, Part: map[bool]int{false: 3000, true: 2000}, Large: 40, Growth: []int{1000, 10_000, 100_000}}
	quick = Sizes{Small: 2000, Part: map[bool]int{false: 500, true: 500}, Large: 4, Growth: []int{1000, 5000}}
)

const (
	largeFile  = 50_000_000
	largeFiles = 200 // that a job is about, however many are there
)

// The Box users of a contest.
const (
	small = "small" // all small files, for Coffer
	part  = "part"  // some of them, for its rivals
	large = "large"
)

// contest has everybody do the same jobs.
func (b *bench) contest(ctx context.Context, limits bool) error {
	h, err := open(ctx, limits, b.log, small, part, large)
	if err != nil {
		return err
	}
	defer h.close()
	for user, files := range map[string]int{small: b.sizes.Small, part: b.sizes.Part[limits]} {
		mass := boxsim.Mass{Seed: uint64(len(user)), Files: files, PerFolder: 100, Min: 1000, Max: 20_000}
		if _, err := h.sim.Grow(h.users[user], mass); err != nil {
			return err
		}
	}
	if err := b.days(ctx, h, job{user: small, limits: limits, files: b.sizes.Small, of: b.sizes.Small}, h.coffer); err != nil {
		return err
	}
	for _, r := range rivals {
		err := b.days(ctx, h, job{user: part, limits: limits, files: b.sizes.Part[limits], of: b.sizes.Small},
			func(ctx context.Context, job job, _ bool) (Result, error) { return r.run(ctx, h, job) })
		if err != nil {
			return err
		}
	}
	if limits { // a few large files do not come near them
		return nil
	}
	return b.largeFiles(ctx, h)
}

// coffer does a job on demand the first time, and then on schedule.
func (h *house) coffer(ctx context.Context, job job, first bool) (Result, error) {
	if first {
		return h.backUpNow(ctx, job)
	}
	return h.backUpOnSchedule(ctx, job)
}

// days has one of the contestants do a first backup, one without changes, and
// one after a change of every hundredth file.
func (b *bench) days(ctx context.Context, h *house, job job, run func(ctx context.Context, job job, first bool) (Result, error)) error {
	job.name = fmt.Sprintf("first backup of %s files of 1 to 20 kB", thousands(job.of))
	if err := b.note(run(ctx, job, true)); err != nil {
		return err
	}
	job.name = "a day without changes"
	if err := b.note(run(ctx, job, false)); err != nil {
		return err
	}
	if err := change(h, job.user, job.files/100); err != nil {
		return err
	}
	job.name = "a day with 1 % of the files changed"
	return b.note(run(ctx, job, false))
}

// largeFiles compares the contestants on large files.
func (b *bench) largeFiles(ctx context.Context, h *house) error {
	for i := range b.sizes.Large {
		_, err := h.sim.UploadGenerated(h.users[large], backup.RootFolder, fmt.Sprintf("Film %d.mov", i), largeFile, uint64(i)) // #nosec G115 -- an index
		if err != nil {
			return err
		}
	}
	job := job{
		name: fmt.Sprintf("first backup of %d files of 50 MB", largeFiles), user: large,
		files: b.sizes.Large, of: largeFiles,
	}
	if err := b.note(h.backUpNow(ctx, job)); err != nil {
		return err
	}
	for _, r := range rivals {
		if err := b.note(r.run(ctx, h, job)); err != nil {
			return err
		}
	}
	return nil
}

// change puts new versions on n files, evenly spread over the Box user's.
func change(h *house, user string, n int) error {
	var files []boxsim.Node
	for _, node := range h.sim.Tree(h.users[user]) {
		if node.Kind == backup.File {
			files = append(files, node)
		}
	}
	for i := range n {
		file := files[i*len(files)/n]
		text := fmt.Appendf(nil, "%s, version %d\n", file.Path, file.Versions+1)
		if err := h.sim.NewVersion(h.users[user], file.ID, text); err != nil {
			return err
		}
	}
	return nil
}
