package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strings"
	"time"
)

// report is what dist/bench/api.json holds.
type report struct {
	Machine    string    `json:"machine"`
	Began      time.Time `json:"began"`
	Target     float64   `json:"target"` // of p95, in milliseconds
	Operations []result  `json:"operations"`
	Crowd      crowded   `json:"crowd,omitzero"`
}

// result sums up the calls of one operation in one way. Times are in
// milliseconds.
type result struct {
	Operation string  `json:"operation"`
	Note      string  `json:"note,omitempty"`
	Method    string  `json:"method"`
	Path      string  `json:"path"`
	Kind      string  `json:"kind"`
	Calls     int     `json:"calls"`
	P50       float64 `json:"p50"`
	P95       float64 `json:"p95"`
	P99       float64 `json:"p99"`
	Max       float64 `json:"max"`
	Bytes     int     `json:"bytes"` // of the largest answer's body, as sent
	Over      bool    `json:"over"`  // p95 is over the target
}

func summarize(s step, sorted []sample) result {
	r := result{
		Operation: s.op.ID, Note: s.note, Method: s.op.Method, Path: s.op.Path, Kind: s.kind.String(), Calls: len(sorted),
		P50: milliseconds(percentile(sorted, 50)), P95: milliseconds(percentile(sorted, 95)),
		P99: milliseconds(percentile(sorted, 99)), Max: milliseconds(percentile(sorted, 100)),
		Over: percentile(sorted, 95) > target,
	}
	for _, one := range sorted {
		r.Bytes = max(r.Bytes, one.bytes)
	}
	return r
}

// percentile is the smallest time that p percent of the sorted samples do not
// exceed.
func percentile(sorted []sample, p float64) time.Duration {
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[max(rank, 1)-1].took
}

func milliseconds(d time.Duration) float64 {
	return math.Round(d.Seconds()*1e5) / 100
}

func heading(w io.Writer, k kind) {
	title := map[kind]string{
		read: "Reads", write: "Writes", hashing: "What hashes a password, slow by intent",
	}[k]
	fmt.Fprintf(w, "\n%-60s %5s %8s %8s %8s %8s %8s\n", title, "calls", "p50", "p95", "p99", "max", "bytes")
}

func (r result) print(w io.Writer) {
	name := strings.TrimSpace(r.Operation + " " + r.Note)
	mark := ""
	if r.Over {
		mark = "  over"
	}
	fmt.Fprintf(w, "%-60s %5d %8.1f %8.1f %8.1f %8.1f %8d%s\n", name, r.Calls, r.P50, r.P95, r.P99, r.Max, r.Bytes, mark)
}

// conclude says how many operations meet the target. Those that hash passwords
// are not meant to.
func (r report) conclude(w io.Writer) {
	of, met := 0, 0
	for _, o := range r.Operations {
		if o.Kind == hashing.String() {
			continue
		}
		of++
		if !o.Over {
			met++
		}
	}
	fmt.Fprintf(w, "\n%d of %d that hash no password have a p95 of %.0f ms or less.\n", met, of, r.Target)
}

// describe names the machine's processors and memory, as far as it tells.
func describe() string {
	model := field("/proc/cpuinfo", "model name")
	if model == "" {
		model = runtime.GOARCH
	}
	text := fmt.Sprintf("%d CPUs (%s)", runtime.NumCPU(), model)
	var kib int64
	if _, err := fmt.Sscan(field("/proc/meminfo", "MemTotal"), &kib); err == nil {
		text += fmt.Sprintf(" and %.0f GiB of memory", float64(kib)/(1<<20))
	}
	return text
}

// field returns the first value of that name in a file of Linux, or "".
func field(path, name string) string {
	text, _ := os.ReadFile(path) // "" elsewhere
	for line := range strings.Lines(string(text)) {
		if key, value, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
