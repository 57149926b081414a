package operator

import (
	"context"
	"fmt"

	"coffer/shared/task"
)

// changeRegion changes nothing: what an account has is encrypted with keys that
// never leave its region.
func (o *Operator) changeRegion(ctx context.Context, r request) (Answer, error) {
	a, _, err := o.known(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	if r.Region == a.Region {
		return already("The account lives in %s already.", a.Region)
	}
	if err := o.Audit.Add(ctx, o.told(r, task.Task{}, "was asked to move the account to another region, which cannot be done")); err != nil {
		return Answer{}, err
	}
	return Answer{Message: fmt.Sprintf("Nothing was changed. The account lives in %s (location %s) for good: its backups are encrypted with keys that never leave that region. "+
		"Instead, the customer can (1) sign up for another account and choose the new location, with an e-mail address that has no account yet; "+
		"(2) connect the same Box enterprise there, with the same settings, and wait for the first backup; "+
		"(3) keep the old account for what only it has, with its backups paused, until its retention has ended or nobody needs it any more, and then delete its backup tasks. "+
		"Until then both can be browsed and restored from. "+
		"To hold the old backups outside of the region at once, export them with scripts/vault (README, Without the service) before they are deleted.", a.Region, a.Location)}, nil
}
