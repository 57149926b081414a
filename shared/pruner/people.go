package pruner

import (
	"context"
	"slices"
	"strings"
	"time"

	"coffer/shared/vault"
)

// prunePeople removes the lists of people that hold for no time within the
// retention.
func (v *pruning) prunePeople(ctx context.Context) error {
	from := v.task.Expired(v.started)
	if from.IsZero() {
		return nil
	}
	var all []object
	err := v.Objects.List(ctx, v.id.People(), func(key string, size int64, _ time.Time) error {
		all = append(all, object{key, size})
		return nil
	})
	if err != nil {
		return err
	}
	ended := func(i int) bool {
		at, err := time.Parse(vault.PeopleLayout, strings.TrimPrefix(all[i].key, v.id.People()))
		return err == nil && !at.After(from)
	}
	// the order of names is that of time
	slices.SortFunc(all, func(a, b object) int { return strings.Compare(a.key, b.key) })
	n := 0
	for n+1 < len(all) && ended(n+1) {
		n++
	}
	return v.remove(ctx, all[:n], &v.done.Lists)
}
