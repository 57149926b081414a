package tasks

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/backup"
	"coffer/shared/reporter"
)

// reportsPerHour is how many usage reports an account may have mailed in an
// hour: each reads all Box users.
const reportsPerHour = 10

func (s *Server) registerReport(a *api.API) {
	api.Private(a, huma.Operation{
		OperationID: "export-usage-report", Method: http.MethodGet, Path: "/api/usage-report.csv", Summary: "Export every Box user of every task as CSV",
		Description: "Items and bytes of Box users whose access is limited are empty, but for the primary user. " +
			"A cell that a spreadsheet would take for a formula begins with an apostrophe. Where there are more rows than an answer takes, the last one says so.",
		Responses: map[string]*huma.Response{"200": {
			Description: "OK", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
		}},
	}, s.exportUsage)
	api.Once(a, huma.Operation{
		OperationID: "mail-usage-report", Method: http.MethodPost, Path: "/api/usage-report", DefaultStatus: http.StatusAccepted,
		Summary:     "Have the usage report mailed to the portal user who asks",
		Description: "The e-mail comes within minutes, with the CSV file attached; a large one is compressed with gzip. Of more than 10 in an hour, the others are refused (429).",
	}, s.mailUsage)
}

type usageInput struct {
	Accept string `header:"Accept-Encoding" hidden:"true"`
}

func (s *Server) exportUsage(ctx context.Context, who account.Session, in *usageInput) (*api.SheetOutput, error) {
	user, err := s.Sessions.User(ctx, who)
	if err != nil {
		return nil, err
	}
	sheet, written := api.NewSheet(in.Accept), 0
	sheet.Row(reporter.Head()...)
	for row, err := range reporter.Usage(ctx, s.Tasks, who.Account, user.Primary) {
		if err != nil {
			return nil, err
		}
		if sheet.Full(ctx) {
			sheet.Row(reporter.Note(fmt.Sprintf("This file ends here, after %d Box users. Have the report mailed to you: that one has them all.", written))...)
			break
		}
		sheet.Row(row...)
		written++
	}
	return sheet.Answer(reporter.FileName(s.Now())), nil
}

func (s *Server) mailUsage(ctx context.Context, who account.Session, _ *struct{}) (*struct{}, error) {
	id := api.NewID(ctx, s.Now())
	if err := s.Sessions.Count(ctx, "usage report of "+string(who.Account), id, reportsPerHour); err != nil {
		return nil, err
	}
	return nil, s.Reports.Send(ctx, string(who.Account), 0, backup.ReportMessage{ID: id, Account: who.Account, User: who.User})
}
