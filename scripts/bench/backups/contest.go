package backups

import (
	"context"
	"fmt"

	"coffer/scripts/local/tally"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// Sizes are how much is backed up.
type Sizes struct {
	Small  int   // small files, in folders of a hundred
	Part   int   // of them that rclone does
	Crawl  int   // of them that the plain crawl does, with two calls for each
	Large  int   // files of 50 MB
	Growth []int // accounts, in files
}

// The sizes of measurements.
var (
	full  = Sizes{Small: 10_000, Part: 3000, Crawl: 900, Large: 40, Growth: []int{1000, 10_000, 100_000}}
	quick = Sizes{Small: 2000, Part: 500, Crawl: 500, Large: 10, Growth: []int{1000, 5000}}
)

const (
	largeFile  = 50_000_000
	largeFiles = 200 // that a job is about, however many are there
)

// customer is the Box user of a contest.
const customer = "customer"

// contestant is who is measured: Coffer or a rival of it.
type contestant struct {
	name string
	part func(Sizes) int // how many of the small files it does
	only string          // the contest, where it takes part in only one
	run  func(ctx context.Context, h *house, job job, first bool) (Result, error)
}

var contestants = [...]contestant{
	{name: "Coffer", part: func(s Sizes) int { return s.Small }, run: coffer},
	{name: "rclone", part: func(s Sizes) int { return s.Part }, run: rival{"rclone", rclone}.run},
	{name: "rclone-S3", only: films, run: rival{"rclone to S3", rcloneToS3}.run},
	{name: "crawl", part: func(s Sizes) int { return s.Crawl }, run: rival{"plain crawl", plainCrawl}.run},
}

// coffer does a job on demand the first time, and then on schedule.
func coffer(ctx context.Context, h *house, job job, first bool) (Result, error) {
	if first {
		return h.backUpNow(ctx, job)
	}
	return h.backUpOnSchedule(ctx, job)
}

// days has a contestant do a first backup of small files, one without changes,
// and one after a change of every hundredth file.
func (b *bench) days(ctx context.Context, c contestant, limits bool) error {
	h, err := open(ctx, limits, new(tally.Tally), b.log, customer)
	if err != nil {
		return err
	}
	defer h.close()
	job := job{user: customer, limits: limits, files: c.part(b.sizes), of: b.sizes.Small}
	mass := boxsim.Mass{Seed: 5, Files: job.files, PerFolder: 100, Min: 1000, Max: 20_000}
	if _, err := h.sim.Grow(h.users[customer], mass); err != nil {
		return err
	}
	job.name = fmt.Sprintf("first backup of %s files of 1 to 20 kB", thousands(job.of))
	if err := b.note(c.run(ctx, h, job, true)); err != nil {
		return err
	}
	job.name = "a day without changes"
	if err := b.note(c.run(ctx, h, job, false)); err != nil {
		return err
	}
	if err := change(h, job.user, job.files/100); err != nil {
		return err
	}
	job.name = "a day with 1 % of the files changed"
	return b.note(c.run(ctx, h, job, false))
}

// largeFiles has a contestant do a first backup of large files.
func (b *bench) largeFiles(ctx context.Context, c contestant) error {
	h, err := open(ctx, false, nil, b.log, customer) // a few large files do not come near Box's limits
	if err != nil {
		return err
	}
	defer h.close()
	for i := range b.sizes.Large {
		_, err := h.sim.UploadGenerated(h.users[customer], backup.RootFolder, fmt.Sprintf("Film %d.mov", i), largeFile, uint64(i)) // #nosec G115 -- an index
		if err != nil {
			return err
		}
	}
	return b.note(c.run(ctx, h, job{
		name: fmt.Sprintf("first backup of %d files of 50 MB", largeFiles), user: customer, files: b.sizes.Large, of: largeFiles,
	}, true))
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
