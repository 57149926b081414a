package demo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"coffer/shared/api/recovery"
	"coffer/shared/backup"
)

const restoreTimeout = 10 * time.Minute

// Restore restores items of a snapshot and returns what became of each when
// the job has ended.
func (p *Portal) Restore(ctx context.Context, in recovery.NewJob) (recovery.Job, []recovery.JobItem, error) {
	var j recovery.Job
	if err := p.Call(ctx, http.MethodPost, "/api/jobs", in, &j); err != nil {
		return j, nil, err
	}
	path := "/api/jobs/" + url.PathEscape(j.ID)
	err := Until(ctx, restoreTimeout, "the restore ended", func() (bool, error) {
		err := p.Call(ctx, http.MethodGet, path, nil, &j)
		return j.Status.Final(), err
	})
	if err != nil {
		return j, nil, err
	}
	items, err := All[recovery.JobItem](ctx, p, path+"/items")
	if err == nil && j.Status != backup.JobSucceeded {
		err = fmt.Errorf("the restore ended %s: %s", j.Status, j.Reason)
	}
	return j, items, err
}
