package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"time"

	"coffer/shared/api/gateway"
	"coffer/shared/reporter"
)

// An answer of a Lambda function may take 6 MB, as base64 where it is packed and
// as a JSON text where it is not.
const (
	maxPacked = 4 << 20
	maxPlain  = 3 << 20
)

// sheetReserve is the time before the end of the invocation at which a sheet ends
// with what it has.
const sheetReserve = 8 * time.Second

// Sheet is a CSV file in the making, of rows as reporter.AppendRow writes them:
// no spreadsheet computes them.
type Sheet struct {
	file bytes.Buffer
	zip  *gzip.Writer // nil for clients that cannot unpack
	row  []byte
}

// SheetOutput is the answer that is a Sheet.
type SheetOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Encoding    string `header:"Content-Encoding"`
	Vary        string `header:"Vary"`
	Body        []byte
}

// NewSheet begins a sheet for a client that sent this Accept-Encoding.
func NewSheet(accept string) *Sheet {
	s := &Sheet{}
	if gateway.Accepts(accept, "gzip") {
		s.zip = gzip.NewWriter(&s.file)
	}
	return s
}

// Row adds a row.
func (s *Sheet) Row(cells ...string) {
	s.row = reporter.AppendRow(s.row[:0], cells...)
	if s.zip != nil {
		s.zip.Write(s.row) // a buffer takes all
		return
	}
	s.file.Write(s.row)
}

// Full reports whether the sheet should not grow much more, to be an answer in
// time.
func (s *Sheet) Full(ctx context.Context) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < sheetReserve {
		return true
	}
	if s.zip != nil {
		return s.file.Len() >= maxPacked
	}
	return s.file.Len() >= maxPlain
}

// Answer ends the sheet, which browsers keep as a file of this name.
func (s *Sheet) Answer(name string) *SheetOutput {
	out := &SheetOutput{ContentType: "text/csv; charset=utf-8; header=present", Disposition: `attachment; filename="` + name + `"`}
	if s.zip != nil {
		s.zip.Close()
		out.Encoding, out.Vary = "gzip", "Accept-Encoding"
	}
	out.Body = s.file.Bytes()
	return out
}
