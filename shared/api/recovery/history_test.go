package recovery

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

func TestTilesTellTheOutcomeOfEachKind_F125(t *testing.T) {
	t.Parallel()
	latest := snapshot.Snapshot{Files: 53, Folders: 10, WebLinks: 1, Failed: 3, Lost: backup.Kinds{Files: 3}, Absent: 2}
	for _, c := range []struct {
		name   string
		status backup.Status
		want   []Tile
	}{
		{"some files failed", backup.Partial, []Tile{
			{Kind: "files", Items: 51, Status: backup.Partial},
			{Kind: "folders", Items: 10, Status: backup.Success},
			{Kind: "webLinks", Items: 1, Status: backup.Success},
		}},
		{"the run as a whole failed", backup.Failed, []Tile{
			{Kind: "files", Items: 51, Status: backup.Failed},
			{Kind: "folders", Items: 10, Status: backup.Failed},
			{Kind: "webLinks", Items: 1, Status: backup.Failed},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, tiles(task.BoxUser{Status: c.status}, latest)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
