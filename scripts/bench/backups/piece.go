package backups

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// A piece is what can be measured by itself, in minutes: one contestant at one
// contest, or one account. What it found stays in the report until it is
// measured again.
type piece struct {
	name    string // as "limits/rclone"
	measure func(ctx context.Context) error
}

// Names of the contests, which the names of pieces begin with.
const (
	limited = "limits" // small files with Box's limits on
	free    = "free"   // small files with them off
	films   = "large"  // large files
	growing = "growth" // accounts of more and more files
)

// pieces are all that there is to measure, in the order of the report.
func (b *bench) pieces() []piece {
	var all []piece
	for _, contest := range []string{limited, free, films} {
		for _, c := range contestants {
			if c.only != "" && c.only != contest {
				continue
			}
			all = append(all, piece{contest + "/" + c.name, func(ctx context.Context) error {
				if contest == films {
					return b.largeFiles(ctx, c)
				}
				return b.days(ctx, c, contest == limited)
			}})
		}
	}
	for _, files := range append(slices.Clone(b.sizes.Growth), million) {
		all = append(all, piece{fmt.Sprintf("%s/%d", growing, files), func(ctx context.Context) error { return b.growth(ctx, files) }})
	}
	return all
}

// millionFiles takes hours, so it is measured only where its name is given.
var millionFiles = fmt.Sprintf("%s/%d", growing, million)

// choose returns the pieces that names ask for, each by its name or that of its
// contest.
func choose(all []piece, names []string) ([]piece, error) {
	chosen := map[string]bool{}
	for _, name := range names {
		known := false
		for _, p := range all {
			if p.name == name || strings.HasPrefix(p.name, name+"/") && p.name != millionFiles {
				chosen[p.name], known = true, true
			}
		}
		if !known {
			return nil, fmt.Errorf("nothing is called %s: there are %s", name, strings.Join(namesOf(all), ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(p piece) bool { return !chosen[p.name] }), nil
}

func namesOf(all []piece) []string {
	var names []string
	for _, p := range all {
		names = append(names, p.name)
	}
	return names
}

// merge puts what was measured in place of what an earlier report has of the
// same pieces, in the order of all pieces.
func merge(all []piece, earlier, now []Result) []Result {
	var merged []Result
	for _, p := range all {
		from := earlier
		if slices.ContainsFunc(now, func(r Result) bool { return r.Piece == p.name }) {
			from = now
		}
		for _, r := range from {
			if r.Piece == p.name {
				merged = append(merged, r)
			}
		}
	}
	return merged
}

// of returns the results of contests, or of growing accounts.
func of(results []Result, growth bool) []Result {
	return slices.DeleteFunc(slices.Clone(results), func(r Result) bool { return strings.HasPrefix(r.Piece, growing+"/") != growth })
}
