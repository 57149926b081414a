package archiver

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"coffer/shared/backup"
	"coffer/shared/task"
)

// heardHints are the keys of the hints that a run has looked at. They are
// removed when it is sealed. Another run that takes over the draft looks again,
// since what failed then was forgotten with that run.
type heardHints struct {
	Run  backup.SnapshotID `json:"run"`
	Keys []string          `json:"keys"`
}

func (r *run) heardSoFar(ctx context.Context) (heardHints, error) {
	h := heardHints{Run: r.user.RunID}
	text, err := r.draft.State(ctx, stateHeard)
	if err != nil || text == "" {
		return h, err
	}
	var kept heardHints
	if err := json.Unmarshal([]byte(text), &kept); err != nil {
		return h, fmt.Errorf("hints looked at: %w", err)
	}
	if kept.Run == h.Run {
		h = kept
	}
	return h, nil
}

// readHints adds the hints that the run has not looked at yet, and returns their
// keys. Hints of what may have gone to another owner are passed on where this Box
// user does not have it: at once, since Box may not let anything be read of
// somebody who leaves.
func (r *run) readHints(ctx context.Context, d dirty) ([]string, error) {
	known, err := r.heardSoFar(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := r.Tasks.Hints(ctx, r.user)
	if err != nil {
		return nil, err
	}
	var keys []string
	var astray []task.Hint
	for _, row := range rows {
		if slices.Contains(known.Keys, row.Key) {
			continue
		}
		keys = append(keys, row.Key)
		for _, h := range row.Items {
			d.hint(h)
			if h.Tasked {
				r.tasked[h.ID] = true
			}
			if h.Passes > 0 {
				astray = append(astray, h)
			}
		}
	}
	return keys, r.astray(ctx, astray)
}

// heard notes that the run has looked at hints.
func (r *run) heard(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	h, err := r.heardSoFar(ctx)
	if err != nil {
		return err
	}
	h.Keys = append(h.Keys, keys...)
	text, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("hints looked at: %w", err)
	}
	return r.draft.SetState(ctx, stateHeard, string(text))
}
