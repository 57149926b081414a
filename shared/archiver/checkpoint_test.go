package archiver

import (
	"testing"
	"time"
)

func TestCheckpointsTakeATenthOfTheTimeAndLoseMinutesAtMost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ took, want time.Duration }{
		{0, time.Minute},
		{6 * time.Second, time.Minute},
		{10 * time.Second, 90 * time.Second},
		{30 * time.Second, 270 * time.Second},
		{time.Minute, 5 * time.Minute}, // a kill must not cost more, whatever a checkpoint takes
	} {
		if got := between(c.took); got != c.want {
			t.Errorf("after a checkpoint of %s the next comes after %s, want %s", c.took, got, c.want)
		}
	}
}
