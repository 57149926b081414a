package tasks

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/audit"
)

const (
	// maxExported bounds the activities in one file. It may hold fewer, where
	// they would not fit into an answer.
	maxExported    = 100_000
	exportedAtOnce = 1000
)

type exportInput struct {
	ActivityFilter
	Accept string `header:"Accept-Encoding" hidden:"true"`
}

// exportActivity writes what activity would list on all its pages. Where that
// is too much for one file, the last row says how to get the rest.
func (s *Server) exportActivity(ctx context.Context, who account.Session, in *exportInput) (*api.SheetOutput, error) {
	sheet := api.NewSheet(in.Accept)
	sheet.Row("Activity", "Date and Time", "Service", "Sub-Service", "Status", "Task Name", "Item",
		"Execution Time", "Data Size", "Number of Records", "Description")
	hides, err := s.limits().Hides(ctx, who)
	if err != nil {
		return nil, err
	}
	query, written := in.query(), 0
	for {
		rows, next, err := s.Audit.List(ctx, who.Account, query, exportedAtOnce)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if written == maxExported || sheet.Full(ctx) {
				return s.exported(sheet, written, query.After), nil
			}
			if hidden, err := hides(row.Task, row.BoxUser); err != nil {
				return nil, err
			} else if hidden {
				query.After = row.ID
				continue
			}
			a := describeActivity(row)
			sheet.Row(string(a.Kind), a.At.UTC().Format(time.RFC3339), "Box", a.BoxUserName, string(a.Status), a.TaskName, a.Item,
				clock(row.Duration), strconv.FormatInt(a.Bytes, 10), strconv.FormatInt(a.Records, 10), a.Description)
			query.After = row.ID
			written++
		}
		query.After = next
		if next == "" || sheet.Full(ctx) {
			return s.exported(sheet, written, next), nil
		}
	}
}

// exported ends the sheet. After is the activity after which there are more, if
// there are.
func (s *Server) exported(sheet *api.Sheet, written int, after string) *api.SheetOutput {
	if after != "" {
		before := audit.At(after).Truncate(time.Second).Add(time.Second) // a row twice rather than none
		sheet.Row("Note", "", "", "", "", "", "", "", "", "", fmt.Sprintf(
			"This file ends here, after %d rows. Export what ended before %s in another file.", written, before.Format(time.RFC3339)))
	}
	return sheet.Answer("activity-" + s.Now().UTC().Format(time.DateOnly) + ".csv")
}

// clock formats a duration as hours, minutes and seconds, as spreadsheets
// understand it; what takes no time has none.
func clock(d time.Duration) string {
	if d == 0 {
		return ""
	}
	seconds := int64(d.Round(time.Second) / time.Second)
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}
