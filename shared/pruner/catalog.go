package pruner

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"coffer/shared/backup"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// listed is a catalog in the vault.
type listed struct {
	object
	modified time.Time
}

func (v *pruning) pruneCatalogs(ctx context.Context) error {
	all := map[backup.BoxUserID][]listed{}
	err := v.Objects.List(ctx, v.id.Catalogs(), func(key string, size int64, modified time.Time) error {
		user, _, ok := strings.Cut(strings.TrimPrefix(key, v.id.Catalogs()), "/")
		if ok {
			all[backup.BoxUserID(user)] = append(all[backup.BoxUserID(user)], listed{object{key, size}, modified})
		}
		return nil
	})
	if err != nil || len(all) == 0 {
		return err
	}
	var unused []object
	known := 0
	for user, err := range v.Tasks.BoxUsers(ctx, v.id.Account, v.id.Task) {
		if err != nil {
			return err
		}
		some, err := v.unused(user, all[user.ID])
		if err != nil {
			return fmt.Errorf("catalogs of Box user %s: %w", user.ID, err)
		}
		unused = append(unused, some...)
		delete(all, user.ID)
		known++
	}
	for _, strangers := range all {
		for _, c := range strangers {
			if known > 0 && v.started.Sub(c.modified) > strangerAge {
				unused = append(unused, c.object)
			}
		}
	}
	return v.remove(ctx, unused, &v.done.Catalogs)
}

// unused returns those of a Box user's catalogs that can go. Of a user without
// a catalog in use all may be from runs that were cut off.
func (v *pruning) unused(user task.BoxUser, all []listed) ([]object, error) {
	inUse := map[string]bool{}
	for _, pointer := range [][]byte{user.Catalog, user.Checkpoint} {
		if len(pointer) == 0 {
			continue
		}
		var sealed vault.Sealed
		if err := json.Unmarshal(pointer, &sealed); err != nil {
			return nil, fmt.Errorf("pointer: %w", err)
		}
		if sealed.Object == "" {
			return nil, fmt.Errorf("pointer names no object")
		}
		for _, name := range sealed.Objects() {
			inUse[name] = true
		}
	}
	var unused []object
	for _, c := range all {
		switch age := v.started.Sub(c.modified); {
		case inUse[c.key] && age < readerAge:
			return nil, nil // the one before may still be read
		case !inUse[c.key] && age > orphanAge:
			unused = append(unused, c.object)
		}
	}
	return unused, nil
}
