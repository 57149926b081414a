package backups

import (
	"context"
	"fmt"

	"coffer/shared/box/boxsim"
)

// changed is how many files of an account change before its second backup,
// however large the account.
const changed = 10

// growth measures Coffer on larger and larger accounts: the first backup, and
// one after ten changes. A fifth of the files are in one folder.
func (b *bench) growth(ctx context.Context) error {
	var people []string
	for _, files := range b.sizes.Growth {
		people = append(people, thousands(files))
	}
	h, err := open(ctx, true, b.log, people...)
	if err != nil {
		return err
	}
	defer h.close()
	for i, files := range b.sizes.Growth {
		wide := files / 5
		mass := boxsim.Mass{Seed: uint64(100 + i), Files: files - wide, PerFolder: 50, Wide: wide, Max: 1024} // #nosec G115 -- an index
		if files >= 1_000_000 {
			mass.PerFolder = 100
		}
		if _, err := h.sim.Grow(h.users[people[i]], mass); err != nil {
			return err
		}
		job := job{name: fmt.Sprintf("first backup of %s files", people[i]), user: people[i], limits: true, files: files, of: files}
		if err := b.note(h.backUpNow(ctx, job)); err != nil {
			return err
		}
		if err := change(h, job.user, changed); err != nil {
			return err
		}
		job.name = fmt.Sprintf("%d changes among %s files", changed, people[i])
		if err := b.note(h.backUpNow(ctx, job)); err != nil {
			return err
		}
	}
	return nil
}
