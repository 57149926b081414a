package boxsim

import (
	"net/http"
	"strconv"
	"time"
)

// statusCodes are the error codes of faults that are plain refusals.
var statusCodes = map[Kind]struct {
	status int
	code   string
}{
	TooMany:     {http.StatusTooManyRequests, "rate_limit_exceeded"},
	ServerError: {http.StatusInternalServerError, "internal_server_error"},
	BadGateway:  {http.StatusBadGateway, "bad_gateway"},
	Unavailable: {http.StatusServiceUnavailable, "unavailable"},
	Timeout:     {http.StatusGatewayTimeout, "gateway_timeout"},
	Forbidden:   {http.StatusForbidden, "access_denied_insufficient_permissions"},
	Policy:      {http.StatusForbidden, "forbidden_by_policy"},
	NotFound:    {http.StatusNotFound, "not_found"},
	Trashed:     {http.StatusNotFound, "trashed"},
	Blocked:     {http.StatusConflict, "operation_blocked_temporary"},
	Reserved:    {http.StatusConflict, "name_temporarily_reserved"},
	Expired:     {http.StatusGone, "session_expired"},
	BadMarker:   {http.StatusBadRequest, "invalid_marker"},
	Mismatch:    {http.StatusBadRequest, "parts_mismatch"},
}

// is reports whether the call is hit by the kind.
func (k *strike) is(kind Kind) bool { return k != nil && k.kind == kind }

// serve answers the call as the strike wants it, with next as the true answer.
func (k *strike) serve(s *Sim, w http.ResponseWriter, r *http.Request, request string, next func(http.ResponseWriter)) {
	if k == nil {
		next(w)
		return
	}
	setHeader(w, "boxsim-fault", string(k.kind)) // for whoever checks or reads answers
	if k.kind != Slow && !pause(r, k.Delay) {
		return
	}
	if k.Do != nil {
		k.Do()
	}
	switch k.kind {
	case Cut, Short, Flip:
		body := &spoiled{ResponseWriter: w, strike: k}
		next(body)
		body.end()
		return
	case Slow:
		next(&dripping{ResponseWriter: w, r: r, delay: k.Delay})
		return
	case Late, Repeat, Shuffle, ShortPage, Odd:
		next(w) // a list is spoiled where it is made
		return
	}
	if k.After || k.kind == Lost {
		next(&discarded{header: http.Header{}})
	}
	switch k.kind {
	case Unauthorized:
		s.writeFailure(w, invalidToken(), request)
	case OutOfScope:
		s.writeFailure(w, bearer(http.StatusForbidden, "insufficient_scope", "The request requires higher privileges than provided by the access token."), request)
	case Accepted:
		k.tellRetry(w)
		w.WriteHeader(http.StatusAccepted)
	case BadJSON:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"type":"folder","id":"0","entries":[{"ty`))
	case HTML:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"))
	case Empty:
		w.WriteHeader(http.StatusOK)
	case Reset, Lost:
		panic(http.ErrAbortHandler)
	default:
		k.refuse(s, w, request)
	}
}

func (k *strike) refuse(s *Sim, w http.ResponseWriter, request string) {
	what, known := statusCodes[k.kind]
	if !known {
		what.status, what.code = http.StatusInternalServerError, "unknown_fault_"+string(k.kind)
	}
	if k.kind == TooMany || k.kind == Unavailable {
		k.tellRetry(w)
	}
	s.writeFailure(w, refuse(what.status, what.code, "%s", http.StatusText(what.status)), request)
}

func (k *strike) tellRetry(w http.ResponseWriter) {
	if k.RetryAfter >= 0 {
		setHeader(w, "retry-after", strconv.Itoa(max(k.RetryAfter, 1)))
	}
}

// discarded takes an answer that nobody sees.
type discarded struct{ header http.Header }

func (d *discarded) Header() http.Header         { return d.header }
func (d *discarded) Write(p []byte) (int, error) { return len(p), nil }
func (d *discarded) WriteHeader(int)             {}

// dripping spreads a body over the delay.
type dripping struct {
	http.ResponseWriter
	r     *http.Request
	delay time.Duration
}

// Write implements io.Writer.
func (d *dripping) Write(p []byte) (int, error) {
	const drops = 8
	size := len(p)/drops + 1
	done := 0
	for done < len(p) {
		n, err := d.ResponseWriter.Write(p[done:min(done+size, len(p))])
		done += n
		if err != nil {
			return done, err
		}
		_ = http.NewResponseController(d.ResponseWriter).Flush() // some writers cannot
		if !pause(d.r, d.delay/drops) {
			return done, d.r.Context().Err()
		}
	}
	return done, nil
}

// spoiled cuts, shortens or falsifies a body. An answer without a body is
// dropped with its connection, so that every use of a fault is felt.
type spoiled struct {
	http.ResponseWriter
	*strike
	started bool
	length  int64 // announced, or -1
	at      int64 // where it goes wrong
	written int64
	held    []byte // the end of a body of unknown length, to be lost
	json    bool
}

// WriteHeader implements http.ResponseWriter.
func (b *spoiled) WriteHeader(status int) {
	if b.started {
		return
	}
	b.started = true
	b.length = -1
	header := b.Header()
	b.json = header.Get("Content-Type") == "application/json"
	if n, err := strconv.ParseInt(header.Get("Content-Length"), 10, 64); err == nil {
		b.length = n
	}
	switch {
	case b.length == 0 || status == http.StatusNoContent || status/100 == 3:
		panic(http.ErrAbortHandler)
	case b.length > 0:
		b.at = int64(b.draw % uint64(b.length)) // #nosec G115 -- less than an int64
		if b.shortens() {
			header.Set("Content-Length", strconv.FormatInt(b.at, 10))
		}
	default:
		b.at = int64(b.draw % 4096)
	}
	b.ResponseWriter.WriteHeader(status)
}

// shortens reports whether the body ends early as if nothing were wrong.
func (b *spoiled) shortens() bool { return b.kind == Short || b.kind == Flip && b.json }

// Write implements io.Writer.
func (b *spoiled) Write(p []byte) (int, error) {
	if !b.started {
		b.WriteHeader(http.StatusOK)
	}
	from := b.written
	b.written += int64(len(p))
	switch {
	case b.shortens() && b.length < 0:
		b.held = append(b.held, p...)
		if extra := len(b.held) - int(b.at) - 1; extra > 0 {
			_, err := b.ResponseWriter.Write(b.held[:extra])
			b.held = append([]byte(nil), b.held[extra:]...)
			return len(p), err
		}
		return len(p), nil
	case b.kind == Flip && !b.json:
		if b.at >= from && b.at < b.written {
			p = append([]byte(nil), p...)
			p[b.at-from] ^= 1 << (b.draw >> 60 & 7)
		}
		return b.ResponseWriter.Write(p)
	}
	if keep := min(int64(len(p)), b.at-from); keep > 0 {
		if _, err := b.ResponseWriter.Write(p[:keep]); err != nil {
			return 0, err
		}
	}
	if b.kind == Cut && b.written > b.at {
		_ = http.NewResponseController(b.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return len(p), nil
}

// end makes sure that an answer without a body, or a shorter one than
// expected, is felt too.
func (b *spoiled) end() {
	if !b.started || b.kind == Cut {
		panic(http.ErrAbortHandler)
	}
}
