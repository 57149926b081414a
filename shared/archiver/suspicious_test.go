package archiver_test

import (
	"fmt"
	"strings"
	"testing"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// TestUnusualChangesHoldTheSnapshots_D6 removes half of what a Box user has, and
// encrypts a third of it, as ransomware does.
func TestUnusualChangesHoldTheSnapshots_D6(t *testing.T) {
	t.Parallel()
	for name, attack := range map[string]func(*house, []string) error{
		"removed": func(h *house, files []string) error {
			for _, id := range files[:20] {
				if err := h.sim.Delete(h.user, backup.ItemRef{Kind: backup.File, ID: id}); err != nil {
					return err
				}
			}
			return nil
		},
		"encrypted": func(h *house, files []string) error {
			for _, id := range files[:15] {
				if err := h.sim.NewVersion(h.user, id, []byte("other "+id)); err != nil {
					return err
				}
			}
			return nil
		},
		"renamed": func(h *house, files []string) error {
			for i, id := range files[:15] {
				if err := h.sim.Rename(h.user, backup.ItemRef{Kind: backup.File, ID: id}, fmt.Sprint(i, ".locked")); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, boxsim.Options{Seed: 1})
			var files []string
			for i := range 40 {
				id, err := h.sim.Upload(h.user, backup.RootFolder, fmt.Sprint(i, ".txt"), fmt.Append(nil, "text ", i))
				must(t, err)
				files = append(files, id)
			}
			h.backUp(t)
			must(t, h.sim.NewVersion(h.user, files[39], []byte("work")))
			h.backUp(t)
			if row := h.row(t); row.Held != "" {
				t.Fatalf("held after a day's work: %s", row.Held)
			}
			must(t, attack(h, files))
			h.backUp(t)
			row := h.row(t)
			if !strings.Contains(row.Held, "of 4") {
				t.Fatalf("held: %q, want what was found", row.Held)
			}
			rows, _, err := h.Audit.List(t.Context(), h.task.Account, audit.Query{}, 100)
			must(t, err)
			told := 0
			for _, a := range rows {
				if strings.HasPrefix(a.Description, row.Held) && a.BoxUser == h.user {
					told++
				}
			}
			if told != 1 {
				t.Errorf("%d lines in the activity list tell of it, want 1", told)
			}
			must(t, h.Tasks.Release(t.Context(), row))
			if row := h.row(t); row.Held != "" {
				t.Errorf("held after the release: %q", row.Held)
			}
		})
	}
}
