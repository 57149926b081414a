package tasks

import (
	"time"

	"coffer/shared/backup"
	"coffer/shared/task"
)

// TaskProgress sums up how far the backups in process have come.
type TaskProgress struct {
	Running int       `json:"running" doc:"How many Box users are in process."`
	Items   int64     `json:"items" doc:"Items seen."`
	Files   int64     `json:"files" doc:"Contents stored by these backups."`
	Wanted  int64     `json:"wanted" doc:"Contents still to be stored, as far as known."`
	Bytes   int64     `json:"bytes" doc:"Bytes stored by these backups."`
	Calls   int64     `json:"calls" doc:"Box calls of these backups."`
	Started time.Time `json:"started" doc:"When the first of them began."`
	Updated time.Time `json:"updated" doc:"When one of them last told how far it is."`
}

// add returns the sum with what u tells, where u is in process.
func (p *TaskProgress) add(u task.BoxUser) *TaskProgress {
	if u.Status != backup.InProcess || u.RunID == "" {
		return p
	}
	run := task.Progress{Started: u.RunAsked, Updated: u.RunAsked} // until it tells
	if u.Progress != nil {
		run = *u.Progress
	}
	if p == nil {
		p = &TaskProgress{Started: run.Started, Updated: run.Updated}
	}
	p.Running++
	p.Items += run.Items
	p.Files += run.Files
	p.Wanted += run.Wanted
	p.Bytes += run.Bytes
	p.Calls += run.Calls
	if run.Started.Before(p.Started) {
		p.Started = run.Started
	}
	if run.Updated.After(p.Updated) {
		p.Updated = run.Updated
	}
	return p
}
