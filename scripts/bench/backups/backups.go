package backups

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"coffer/scripts/local/statefile"
)

// Options say what to measure.
type Options struct {
	Quick   bool     // smaller accounts, for a look
	Million bool     // an account of 1,000,000 files besides, which takes about an hour
	Only    []string // pieces; none means all
	Out     string   // folder for results and the functions' log
	Machine string   // its description
}

// Report is what dist/bench/backups.json holds.
type Report struct {
	Machine string    `json:"machine"`
	Quick   bool      `json:"quick"` // of smaller accounts
	Began   time.Time `json:"began"`
	Results []Result  `json:"results"` // of Coffer and its rivals
	Growth  []Result  `json:"growth"`  // of Coffer on larger and larger accounts
	Costs   []Cost    `json:"costs"`
}

// bench is a measurement under way.
type bench struct {
	w       io.Writer
	log     io.Writer
	sizes   Sizes
	piece   string // under way
	results []Result
}

// Measure measures backups, prints tables, and saves the report as JSON. What
// the report had of other pieces it keeps.
func Measure(ctx context.Context, w io.Writer, o Options) (Report, error) {
	r := Report{Machine: o.Machine, Quick: o.Quick, Began: time.Now().UTC()}
	if err := os.MkdirAll(o.Out, 0o700); err != nil {
		return r, err
	}
	log, err := os.Create(filepath.Join(o.Out, "functions.log"))
	if err != nil {
		return r, err
	}
	defer log.Close()
	b := &bench{w: w, log: log, sizes: full}
	if o.Quick {
		b.sizes = quick
	}
	all := b.pieces()
	names := o.Only
	if len(names) == 0 {
		names = []string{limited, free, films, growing}
	}
	if o.Million {
		names = append(slices.Clone(names), millionFiles)
	}
	chosen, err := choose(all, names)
	if err != nil {
		return r, err
	}
	fmt.Fprintf(w, "Backups on %s, with %d ms for every call of Box.\n", r.Machine, latency.Milliseconds())
	contest := ""
	for _, p := range chosen {
		if name, _, _ := strings.Cut(p.name, "/"); name != contest {
			contest = name
			heading(w, contest)
		}
		b.piece = p.name
		if err := p.measure(ctx); err != nil {
			return r, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	path := filepath.Join(o.Out, "backups.json")
	var earlier Report
	if err := statefile.Load(path, &earlier); err != nil {
		return r, err
	}
	if earlier.Quick != r.Quick || earlier.Machine != r.Machine {
		earlier = Report{}
	}
	results := merge(all, append(earlier.Results, earlier.Growth...), b.results)
	r.Results, r.Growth = of(results, false), of(results, true)
	r.Costs = costs(r.Results)
	printCosts(w, r.Costs)
	return r, statefile.Save(path, r)
}

// note keeps a result and prints it.
func (b *bench) note(r Result, err error) error {
	if err != nil {
		return err
	}
	r.Piece = b.piece
	b.results = append(b.results, r)
	r.print(b.w)
	return nil
}

func heading(w io.Writer, contest string) {
	title := map[string]string{
		limited: "Small files with Box's limits on", free: "Small files with Box's limits off",
		films: "Large files", growing: "Coffer on larger accounts",
	}[contest]
	fmt.Fprintf(w, "\n%-50s %-12s %9s %9s %7s %7s %7s %8s %8s %8s\n",
		title, "by", "seconds", "calls", "MB", "CPU s", "S3 PUT", "S3 GET", "files MB", "kept MB")
}

func (r Result) print(w io.Writer) {
	all := r.whole()
	puts, gets, scaled := "", "", ""
	if r.AWS != nil {
		puts, gets = strconv.FormatInt(all.AWS.Puts, 10), strconv.FormatInt(all.AWS.Gets, 10)
	}
	if r.Of != r.Files {
		scaled = fmt.Sprintf("  measured with %s files", thousands(r.Files))
	}
	fmt.Fprintf(w, "%-50s %-12s %9.1f %9d %7d %7.1f %7s %8s %8.1f %8.1f%s\n", r.Job, r.Who,
		all.Seconds, all.BoxCalls, r.Memory>>20, all.CPU, puts, gets, float64(all.Bytes)/1e6, float64(all.Stored)/1e6, scaled)
}

// thousands writes a number with commas.
func thousands(n int) string {
	text := strconv.Itoa(n)
	var out []string
	for len(text) > 3 {
		out = append([]string{text[len(text)-3:]}, out...)
		text = text[:len(text)-3]
	}
	return strings.Join(append([]string{text}, out...), ",")
}
