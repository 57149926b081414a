package archiver

import (
	"context"
	"fmt"
	"strings"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

// versions are a file's past versions, without those that someone deleted.
func (r *run) versions(ctx context.Context, file string) ([]catalog.PastVersion, error) {
	found, err := r.client.Versions(ctx, file)
	if err != nil {
		return nil, err
	}
	var all []catalog.PastVersion
	for _, v := range found {
		if !v.TrashedAt.IsZero() {
			continue
		}
		sum, err := backup.ParseSHA1(v.SHA1)
		if err != nil {
			return nil, fmt.Errorf("version %s: %w", v.ID, err)
		}
		all = append(all, catalog.PastVersion{
			ID: v.ID, Number: v.Number, Name: v.Name, Content: backup.Content{SHA1: sum, Size: v.Size},
			CreatedAt: v.CreatedAt, ModifiedAt: v.ModifiedAt, ModifiedBy: person(v.ModifiedBy),
		})
	}
	return all, nil
}

// lostVersion records that the content of a past version could not be had.
func (r *run) lostVersion(ctx context.Context, past catalog.Item, err error) error {
	reason := fmt.Sprintf("Its past version %s could not be backed up: %s", past.VersionID, lower(reasonFor(err)))
	return r.draft.FailVersion(ctx, past, reason)
}

// lower lets a sentence go on behind a colon. Box keeps its capital.
func lower(sentence string) string {
	if strings.HasPrefix(sentence, "The ") {
		return "t" + sentence[1:]
	}
	return sentence
}
