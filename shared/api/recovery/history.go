package recovery

import (
	"context"
	"time"

	"coffer/shared/account"
	"coffer/shared/backup"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// charted is how many days of history are told at a time, at most.
const charted = 30

// History is what the backups of a Box user did, day by day, and what the
// latest one has.
type History struct {
	Days  []Day  `json:"days" nullable:"false" doc:"Every day from the first to the last, in UTC. Days to come are not among them."`
	Tiles []Tile `json:"tiles" nullable:"false" doc:"One for each kind of item."`
}

// Day sums up the backups of a day.
type Day struct {
	Date     string        `json:"date" format:"date" doc:"In UTC."`
	Runs     int           `json:"runs" doc:"Backups that were taken; one where nothing had changed is one."`
	Status   backup.Status `json:"status,omitempty" enum:"Success,Partial" doc:"Of the day's last backup; absent without one."`
	Added    int64         `json:"added"`
	Changed  int64         `json:"changed"`
	Removed  int64         `json:"removed"`
	Failed   int64         `json:"failed" doc:"Items that could not be backed up, by each backup of the day."`
	Files    int64         `json:"files" doc:"How many of the added and changed items are files whose content could be read."`
	Folders  int64         `json:"folders" doc:"How many of them are folders."`
	WebLinks int64         `json:"webLinks" doc:"How many of them are web links."`
	Items    int64         `json:"items" doc:"Items that were backed up at the end of the day."`
	Bytes    int64         `json:"bytes" doc:"Of the files among them."`
}

// Tile is what is backed up of a kind of item.
type Tile struct {
	Kind       string        `json:"kind" enum:"files,folders,webLinks"`
	Items      int64         `json:"items" doc:"Files without any content are not among them."`
	LastBackup time.Time     `json:"lastBackup,omitzero"`
	Status     backup.Status `json:"status,omitempty" enum:"Success,Partial,Failed" doc:"How the last backup ended for this kind: Partial where an item of it failed. Absent before the first."`
}

type historyInput struct {
	UserPath
	From string `query:"from" format:"date" doc:"The first day, in UTC; absent: so that there are 30."`
	To   string `query:"to" format:"date" doc:"The last day, in UTC; absent: today."`
}

// days returns the first day and the one after the last.
func (in *historyInput) days(today time.Time) (from, end time.Time, err error) {
	to := today
	if in.To != "" {
		if to, err = time.Parse(time.DateOnly, in.To); err != nil {
			return from, end, backup.Field("to", "This is not a day.")
		}
	}
	from = to.AddDate(0, 0, 1-charted)
	if in.From != "" {
		if from, err = time.Parse(time.DateOnly, in.From); err != nil {
			return from, end, backup.Field("from", "This is not a day.")
		}
	}
	switch {
	case to.Before(from):
		return from, end, backup.Field("from", "The first day must not come after the last.")
	case !to.Before(from.AddDate(0, 0, charted)):
		return from, end, backup.Field("from", "The history is told of at most %d days at a time.", charted)
	case to.After(today):
		to = today
	}
	return from, to.AddDate(0, 0, 1), nil
}

func (s *Server) history(ctx context.Context, who account.Session, in *historyInput) (*struct{ Body History }, error) {
	from, end, err := in.days(s.Now().UTC().Truncate(24 * time.Hour))
	if err != nil {
		return nil, err
	}
	_, u, err := s.find(ctx, who, in.Task, in.User)
	if err != nil {
		return nil, err
	}
	latest, err := s.latest(ctx, u)
	if err != nil {
		return nil, err
	}
	rows, before, err := s.between(ctx, u, from, end)
	if err != nil {
		return nil, err
	}
	return &struct{ Body History }{History{Days: tell(rows, before, from, end), Tiles: tiles(u, latest)}}, nil
}

// latest returns the Box user's latest snapshot, an empty one without any.
func (s *Server) latest(ctx context.Context, u task.BoxUser) (snapshot.Snapshot, error) {
	if u.Snapshot == "" {
		return snapshot.Snapshot{}, nil
	}
	row, err := s.Snapshots.Snapshot(ctx, u.Account, u.Task, u.ID, u.Snapshot)
	if backup.KindOf(err) == backup.NotFound {
		return snapshot.Snapshot{}, nil // it expired meanwhile
	}
	return row, err
}

// between returns the snapshots taken from one time to before another, newest
// first, and the one before them. A Box user's backups follow one another, so
// their ids have the order in which they were taken.
func (s *Server) between(ctx context.Context, u task.BoxUser, from, end time.Time) (rows []snapshot.Snapshot, before snapshot.Snapshot, err error) {
	page := snapshot.Page{To: end, Limit: 100}
	for {
		some, next, err := s.Snapshots.List(ctx, u.Account, u.Task, u.ID, page)
		if err != nil {
			return nil, before, err
		}
		for _, row := range some {
			if row.Taken.Before(from) {
				return rows, row, nil
			}
			if row.Taken.Before(end) {
				rows = append(rows, row)
			}
		}
		if page.After = next; next == "" {
			return rows, before, nil
		}
	}
}

// tell sums up the snapshots, newest first, of the days from one to before
// another.
func tell(rows []snapshot.Snapshot, before snapshot.Snapshot, from, end time.Time) []Day {
	days := []Day{}
	items, bytes := before.Items, before.Bytes
	for day := from; day.Before(end); day = day.AddDate(0, 0, 1) {
		d := Day{Date: day.Format(time.DateOnly)}
		for len(rows) > 0 && rows[len(rows)-1].Taken.Before(day.AddDate(0, 0, 1)) {
			row := rows[len(rows)-1]
			rows = rows[:len(rows)-1]
			d.Runs++
			d.Status = row.Status
			d.Added += row.Added
			d.Changed += row.Changed
			d.Removed += row.Removed
			d.Failed += row.Failed
			d.Files += row.Fresh.Files
			d.Folders += row.Fresh.Folders
			d.WebLinks += row.Fresh.WebLinks
			items, bytes = row.Items, row.Bytes
		}
		d.Items, d.Bytes = items, bytes
		days = append(days, d)
	}
	return days
}

func tiles(u task.BoxUser, latest snapshot.Snapshot) []Tile {
	status := u.Status
	if u.RunID != "" {
		status = u.Before()
	}
	switch status {
	case backup.Success, backup.Partial, backup.Failed:
	default: // paused or archived, say, since
		status = latest.Status
	}
	tile := func(kind string, items, lost int64) Tile {
		t := Tile{Kind: kind, Items: items, LastBackup: u.LastBackup, Status: status}
		if status == backup.Partial && lost == 0 && latest.Lost != (backup.Kinds{}) {
			t.Status = backup.Success
		}
		return t
	}
	return []Tile{
		tile("files", latest.Files-latest.Absent, latest.Lost.Files),
		tile("folders", latest.Folders, latest.Lost.Folders),
		tile("webLinks", latest.WebLinks, latest.Lost.WebLinks),
	}
}
