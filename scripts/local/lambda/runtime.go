package lambda

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// runtimeAPI is the HTTP interface that a function's process pulls work from.
func (env *environment) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", env.nextInvocation)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		env.answer(w, r, func(body []byte) outcome {
			if kind := r.Trailer.Get("Lambda-Runtime-Function-Error-Type"); kind != "" { // a stream that broke off
				return outcome{err: &Error{Type: kind, Message: "the response stream ended with an error"}}
			}
			return outcome{payload: body}
		})
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) {
		env.answer(w, r, func(body []byte) outcome { return outcome{err: decodeError(body)} })
	})
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxPayload))
		if err != nil {
			return
		}
		env.failed.Store(decodeError(body))
		accepted(w)
	})
	return mux
}

// nextInvocation hands out the next invocation as soon as there is one.
func (env *environment) nextInvocation(w http.ResponseWriter, r *http.Request) {
	env.first.Do(func() { close(env.ready) })
	select {
	case <-r.Context().Done():
	case inv := <-env.next:
		env.mu.Lock()
		env.current = inv
		env.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", env.fn.ARN)
		h.Set("Lambda-Runtime-Trace-Id", traceID(time.Now()))
		_, _ = w.Write(inv.payload) // a process that is gone is seen by wait
	}
}

// answer takes the end of the current invocation from the process.
func (env *environment) answer(w http.ResponseWriter, r *http.Request, read func([]byte) outcome) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	if err != nil {
		return // the process died while it wrote, as wait will see
	}
	env.mu.Lock()
	inv := env.current
	if inv == nil || inv.id != r.PathValue("id") {
		env.mu.Unlock()
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "there is no such invocation")
		return
	}
	env.current = nil
	env.mu.Unlock()
	if len(body) > maxPayload {
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "response too large")
		inv.finish(outcome{err: &Error{
			Type:    "Function.ResponseSizeTooLarge",
			Message: fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxPayload),
		}})
		return
	}
	out := read(body)
	accepted(w)
	inv.finish(out)
}

func accepted(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"errorType":%q,"errorMessage":%q}`, kind, message)
}

// requestID returns a random UUID.
func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// traceID returns an X-Ray header of a trace that is not sampled.
func traceID(now time.Time) string {
	var b [20]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0", now.Unix(), hex.EncodeToString(b[:12]), hex.EncodeToString(b[12:]))
}
