package recovery

import (
	"slices"
	"testing"

	"coffer/shared/job"
)

func TestRestoreReachesNobodyElseUnlessAsked(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		in   []Part
		want job.Include
	}{
		{"absent", nil, job.Include{Comments: true, Metadata: true}},
		{"nothing", []Part{}, job.Include{}},
		{"all", []Part{versions, sharing, comments, metadata}, job.Include{Versions: true, Sharing: true, Comments: true, Metadata: true}},
	} {
		got := include(tt.in)
		if got != tt.want || tt.in != nil && !slices.Equal(included(got), tt.in) {
			t.Errorf("%s: %+v, shown as %v", tt.name, got, included(got))
		}
	}
}
