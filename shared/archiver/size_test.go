package archiver

import "testing"

func TestSizeReadsWell(t *testing.T) {
	t.Parallel()
	for bytes, want := range map[int64]string{
		0: "0 bytes", 999: "999 bytes", 1000: "1 KB", 1234: "1.23 KB", 45_678: "45.7 KB", 999_499: "999 KB", 999_500: "1 MB",
		45_178_056: "45.2 MB", 3_000_000_000: "3 GB", 1_500_000_000_000: "1.5 TB", 999_400_000_000_000: "999 TB", 1_200_000_000_000_000: "1.2 PB",
	} {
		if got := size(bytes); got != want {
			t.Errorf("%d bytes: %q, want %q", bytes, got, want)
		}
	}
}
