package backups

import (
	"time"

	"coffer/scripts/local/tally"
)

// job is what is to be done, for one of the Box users.
type job struct {
	name   string
	user   string
	limits bool
	files  int // that are there
	of     int // that the job is about; more than files where it is scaled
}

// Result is what one backup took.
type Result struct {
	Job         string       `json:"job"`
	Who         string       `json:"who"`
	Limits      bool         `json:"limits"` // Box's limits of calls were on
	Files       int          `json:"files"`  // that were there
	Of          int          `json:"of"`     // that the job is about
	Seconds     float64      `json:"seconds"`
	BoxCalls    int64        `json:"boxCalls"`
	Memory      int64        `json:"memory"` // bytes, of the largest process
	CPU         float64      `json:"cpu"`    // seconds
	Bytes       int64        `json:"bytes"`  // of the files
	Stored      int64        `json:"stored"` // bytes that were stored anew for them
	Items       int64        `json:"items,omitempty"`
	Catalog     int64        `json:"catalog,omitempty"` // its size as it is stored
	Method      string       `json:"method,omitempty"`
	Invocations int          `json:"invocations,omitempty"`
	GBSeconds   float64      `json:"gbSeconds,omitempty"` // of Lambda
	AWS         *tally.Count `json:"aws,omitempty"`
}

func (j job) result(who string, took time.Duration, calls int64) Result {
	return Result{Job: j.name, Who: who, Limits: j.limits, Files: j.files, Of: j.of, Seconds: took.Seconds(), BoxCalls: calls}
}

// whole is the time that all files would take, in proportion.
func (r Result) whole() float64 { return r.Seconds * float64(r.Of) / float64(r.Files) }

// calls is the same of Box calls.
func (r Result) calls() float64 { return float64(r.BoxCalls) * float64(r.Of) / float64(r.Files) }
