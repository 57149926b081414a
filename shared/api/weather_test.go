package api_test

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"coffer/scripts/local/fault"
)

// weather is what calls of AWS meet on their way. At first all pass.
type weather struct {
	choose    atomic.Pointer[func(*http.Request) fault.Fate]
	transport *fault.Transport
}

// over returns the configuration of clients in this weather, who do not wait
// long before they try again.
func (w *weather) over(cfg aws.Config) aws.Config {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.MaxIdleConnsPerHost = 32
	w.transport = &fault.Transport{Base: base, Choose: func(r *http.Request) fault.Fate {
		if choose := w.choose.Load(); choose != nil {
			return (*choose)(r)
		}
		return fault.Pass
	}}
	cfg = cfg.Copy()
	cfg.HTTPClient = &http.Client{Transport: w.transport}
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = 5 * time.Millisecond })
	}
	return cfg
}

// during has a call with the given number, counted from 1, meet the fate while
// something is done, and those after it the other one. It returns how many calls
// there were.
func (w *weather) during(number int64, fate, later fault.Fate, do func()) int64 {
	var calls atomic.Int64
	choose := func(*http.Request) fault.Fate {
		switch n := calls.Add(1); {
		case n == number:
			return fate
		case n > number:
			return later
		}
		return fault.Pass
	}
	w.choose.Store(&choose)
	defer w.choose.Store(nil)
	do()
	return calls.Load()
}
