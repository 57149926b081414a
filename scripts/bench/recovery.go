package main

import (
	"context"
	"errors"
	"net/http"

	"coffer/scripts/demo"
	"coffer/shared/api/recovery"
	"coffer/shared/backup"
)

// onRecovery has the ways of operations on snapshots and jobs. Restores are
// real, and leave alone what is there.
func onRecovery() map[string][]way {
	return map[string][]way{
		"list-items": {get("?parent={folder}"), get("?parent={folder}&sort=size&order=desc"), get("?q=2026")},
		"count-items": {
			send(read, "a folder", func(h *house, _ int) any {
				return map[string]any{"items": []recovery.Choice{{Kind: backup.Folder, ID: h.ids["folder"]}}}
			}),
			send(read, "all", func(*house, int) any { return map[string]any{"all": true} }),
		},
		"create-job": {{kind: write, call: func(ctx context.Context, h *house, _ operation, _ int) error {
			_, _, err := h.Restore(ctx, h.job(backup.Bypass, h.file))
			return err
		}}},
		"cancel-job": {{kind: write, call: cancelJob}},
	}
}

func cancelJob(ctx context.Context, h *house, op operation, _ int) error {
	var j recovery.Job
	if err := h.Call(ctx, http.MethodPost, "/api/jobs", h.job(backup.Bypass), &j); err != nil {
		return err
	}
	err := h.Call(ctx, op.Method, h.path(op.Path, "job", j.ID), nil, nil)
	if p, ok := errors.AsType[*demo.Problem](err); ok && p.Status == http.StatusConflict {
		return errLate
	}
	if err != nil {
		return err
	}
	return demo.Until(ctx, endTime, "the canceled restore ended", func() (bool, error) {
		err := h.Call(ctx, http.MethodGet, h.path("/api/jobs/{job}", "job", j.ID), nil, &j)
		return j.Status.Final(), err
	})
}
