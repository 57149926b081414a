package restorer

import (
	"strings"
	"testing"

	"coffer/shared/backup"
)

func TestVariantKeepsTheExtensionOfFilesAlone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind backup.ItemKind
		name string
		n    int
		want string
	}{
		{backup.File, "a.txt", 0, "a.txt"},
		{backup.File, "a.txt", 1, "a (restored).txt"},
		{backup.File, "a.txt", 2, "a (restored 2).txt"},
		{backup.File, ".profile", 1, ".profile (restored)"},
		{backup.File, "a." + strings.Repeat("x", 20), 1, "a." + strings.Repeat("x", 20) + " (restored)"},
		{backup.File, strings.Repeat("é", 251) + ".txt", 1, strings.Repeat("é", 240) + " (restored).txt"},
		{backup.Folder, "Release 1.2", 1, "Release 1.2 (restored)"},
		{backup.Folder, "Restored by Coffer 2026-01-02 15.04.05 UTC", 1, "Restored by Coffer 2026-01-02 15.04.05 UTC (restored)"},
		{backup.WebLink, "box.com", 1, "box.com (restored)"},
	} {
		if got := variant(test.kind, test.name, test.n); got != test.want {
			t.Errorf("%s %q, %d: %q, want %q", test.kind, test.name, test.n, got, test.want)
		}
	}
}
