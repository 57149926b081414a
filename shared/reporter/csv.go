package reporter

import (
	"strings"
	"unicode/utf8"
)

// AppendRow adds a row of a CSV file (RFC 4180, UTF-8) to b. A cell that a
// spreadsheet would take for a formula begins with an apostrophe there, so that
// it is shown and not computed.
func AppendRow(b []byte, cells ...string) []byte {
	for i, cell := range cells {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		if computes(cell) {
			b = append(b, '\'')
		}
		b = append(b, strings.ReplaceAll(cell, `"`, `""`)...)
		b = append(b, '"')
	}
	return append(b, "\r\n"...)
}

// computes reports whether a spreadsheet may take the cell for a formula: its
// first character is one that begins one, or that hides one behind it.
func computes(cell string) bool {
	first, _ := utf8.DecodeRuneInString(cell)
	return cell != "" && strings.ContainsRune("=+-@\t\r\n\x00＝＋－＠", first)
}
