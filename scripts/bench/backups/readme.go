package backups

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
)

// The README's section between these lines is written by WriteReadme.
const (
	sectionBegin = "<!-- make bench: backups -->"
	sectionEnd   = "<!-- end of make bench: backups -->"
)

// WriteReadme puts the report's tables into the file, in place of those between
// its two comments.
func WriteReadme(path string, r Report) error {
	text, err := os.ReadFile(path) // #nosec G304 -- named by this program
	if err != nil {
		return err
	}
	before, rest, begins := bytes.Cut(text, []byte(sectionBegin))
	_, after, ends := bytes.Cut(rest, []byte(sectionEnd))
	if !begins || !ends {
		return errors.New(path + " has no place for the tables: two comments mark it")
	}
	out := string(before) + sectionBegin + "\n" + Markdown(r) + sectionEnd + string(after)
	return os.WriteFile(path, []byte(out), 0o644) // #nosec G306 -- a file for everybody
}

// Markdown writes the report as tables.
func Markdown(r Report) string {
	var w strings.Builder
	how := ""
	if r.Quick {
		how = ", with\n`BENCH=quick`"
	}
	fmt.Fprintf(&w, "On a machine with %s, %s%s:\n", r.Machine, r.Began.Format("2 January 2006"), how)
	for _, limits := range []bool{true, false} {
		fmt.Fprintf(&w, "\n| Box's limits %s | by | seconds | Box calls | memory, MB | CPU, s | S3 PUT / GET | kept, MB |\n", map[bool]string{true: "on", false: "off"}[limits])
		fmt.Fprintln(&w, "|---|---|---:|---:|---:|---:|---:|---:|")
		for _, one := range r.Results {
			if one.Limits == limits {
				w.WriteString(one.row())
			}
		}
	}
	if len(r.Growth) > 0 {
		fmt.Fprintln(&w, "\n| Coffer on larger accounts | seconds | Box calls | memory, MB | invocations, ticks of `schedule` among them | catalog, MB |")
		fmt.Fprintln(&w, "|---|---:|---:|---:|---:|---:|")
		for _, one := range r.Growth {
			fmt.Fprintf(&w, "| %s | %.1f | %s | %d | %d | %.2f |\n", one.Job, one.Seconds, thousands(int(one.BoxCalls)), one.Memory>>20, one.Invocations, float64(one.Catalog)/1e6)
		}
	}
	if len(r.Costs) > 0 {
		fmt.Fprintln(&w, "\n| AWS for one Box user of the first table | US dollars |\n|---|---:|")
		for _, c := range r.Costs {
			fmt.Fprintf(&w, "| %s | %.4f |\n", c.What, c.Total)
		}
	}
	return w.String()
}

func (r Result) row() string {
	all, requests, who := r.whole(), "", r.Who
	if r.AWS != nil {
		requests = fmt.Sprintf("%d / %d", all.AWS.Puts, all.AWS.Gets)
	}
	if r.Of != r.Files {
		who += fmt.Sprintf(", from %s files", thousands(r.Files))
	}
	return fmt.Sprintf("| %s | %s | %.1f | %s | %d | %.1f | %s | %.1f |\n", r.Job, who,
		all.Seconds, thousands(int(all.BoxCalls)), r.Memory>>20, all.CPU, requests, float64(all.Stored)/1e6)
}
