package connection

import (
	"context"
	"log/slog"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/task"
)

// Revoke ends the task's authorisation at Box and removes what authorised it. A
// task that acts as the customer's own application has nothing to revoke: only
// the customer can end that, in Box's Admin Console. Where Box refuses for good,
// since it has forgotten the application, the tokens are of no use either; where
// it cannot be asked just now, they stay for another try.
func (c *Connections) Revoke(ctx context.Context, t task.Task) error {
	tokens := c.Tokens(t.Account, t.ID)
	pair, _, err := tokens.Load(ctx)
	if err == nil {
		err = c.app.Revoke(ctx, pair)
		if err != nil && !box.IsBusy(err) && ctx.Err() == nil {
			slog.WarnContext(ctx, "revoke", "account", t.Account, "task", t.ID, "err", err)
			err = nil
		}
	}
	if err != nil && backup.KindOf(err) != backup.NotFound { // where there is no pair
		return err
	}
	c.Forget(t.ID)
	return tokens.Remove(ctx)
}
