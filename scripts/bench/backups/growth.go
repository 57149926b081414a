package backups

import (
	"context"
	"fmt"

	"coffer/scripts/local/tally"
	"coffer/shared/box/boxsim"
)

// changed is how many files of an account change before its last backup,
// however large the account.
const changed = 100

// million is the account that takes hours.
const million = 1_000_000

// growth measures Coffer on an account of so many files: the first backup, one
// without changes, and one after a hundred. A fifth of the files are in one
// folder.
func (b *bench) growth(ctx context.Context, files int) error {
	h, err := open(ctx, true, new(tally.Tally), b.log, customer)
	if err != nil {
		return err
	}
	defer h.close()
	wide := files / 5
	mass := boxsim.Mass{Seed: 100, Files: files - wide, PerFolder: 50, Wide: wide, Max: 1024}
	if files >= million {
		mass.PerFolder = 100
	}
	if _, err := h.sim.Grow(h.users[customer], mass); err != nil {
		return err
	}
	job := job{name: fmt.Sprintf("first backup of %s files", thousands(files)), user: customer, limits: true, files: files, of: files}
	if err := b.note(h.backUpNow(ctx, job)); err != nil {
		return err
	}
	job.name = fmt.Sprintf("nothing changed among %s files", thousands(files))
	if err := b.note(h.backUpNow(ctx, job)); err != nil {
		return err
	}
	if err := change(h, job.user, changed); err != nil {
		return err
	}
	job.name = fmt.Sprintf("%d changes among %s files", changed, thousands(files))
	return b.note(h.backUpNow(ctx, job))
}
