package backups

import (
	"math"
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
	Piece       string       `json:"piece"`
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

// whole is the result of all files, in proportion to those that were there. The
// largest process's memory stays what it was.
func (r Result) whole() Result {
	times := float64(r.Of) / float64(r.Files)
	scale := func(n int64) int64 { return int64(math.Round(float64(n) * times)) }
	r.Seconds *= times
	r.CPU *= times
	r.BoxCalls, r.Bytes, r.Stored = scale(r.BoxCalls), scale(r.Bytes), scale(max(0, r.Stored))
	if r.AWS != nil {
		all := *r.AWS
		all.Puts, all.Gets = scale(all.Puts), scale(all.Gets)
		r.AWS = &all
	}
	return r
}
