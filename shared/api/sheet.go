package api

import (
	"bytes"
	"compress/gzip"
	"strings"
	"unicode/utf8"

	"coffer/shared/api/gateway"
)

// An answer of a Lambda function may take 6 MB, as base64 where it is packed and
// as a JSON text where it is not.
const (
	maxPacked = 4 << 20
	maxPlain  = 3 << 20
)

// Sheet is a CSV file (RFC 4180, UTF-8) in the making. A cell that a
// spreadsheet would take for a formula begins with an apostrophe there, so that
// it is shown and not computed.
type Sheet struct {
	file bytes.Buffer
	zip  *gzip.Writer // nil for clients that cannot unpack
	row  strings.Builder
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
	s.row.Reset()
	for i, cell := range cells {
		if i > 0 {
			s.row.WriteByte(',')
		}
		s.row.WriteByte('"')
		if computes(cell) {
			s.row.WriteByte('\'')
		}
		s.row.WriteString(strings.ReplaceAll(cell, `"`, `""`))
		s.row.WriteByte('"')
	}
	s.row.WriteString("\r\n")
	if s.zip != nil {
		s.zip.Write([]byte(s.row.String())) // a buffer takes all
		return
	}
	s.file.WriteString(s.row.String())
}

// computes reports whether a spreadsheet may take the cell for a formula: its
// first character is one that begins one, or that hides one behind it.
func computes(cell string) bool {
	first, _ := utf8.DecodeRuneInString(cell)
	return cell != "" && strings.ContainsRune("=+-@\t\r\n\x00＝＋－＠", first)
}

// Full reports whether the sheet should not grow much more, to be an answer.
func (s *Sheet) Full() bool {
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
