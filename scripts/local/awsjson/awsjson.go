// Package awsjson is the plumbing of AWS's JSON protocol, for the services that
// the local cloud serves itself: the operation is named by the X-Amz-Target
// header, input and output are JSON, and errors carry their code in __type.
//
// Requests must be signed, but the signature is not checked: these servers
// listen on this machine only and what functions may do, package rights sees to.
package awsjson

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// maxBody bounds a request: SQS allows 1 MiB of messages, and JSON may escape
// each byte.
const maxBody = 8 << 20

// Error is an error of the service, as its callers know it.
type Error struct {
	Code    string // ResourceNotFoundException
	Message string
	// Query is the code that SDKs of the older query protocol knew, where it
	// differs: AWS.SimpleQueueService.NonExistentQueue.
	Query string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf returns an Error.
func Errorf(code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Operation answers one operation.
type Operation func(ctx context.Context, in []byte) (any, error)

// Op makes an Operation of a typed function.
func Op[In, Out any](f func(context.Context, In) (Out, error)) Operation {
	return func(ctx context.Context, body []byte) (any, error) {
		var in In
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, Errorf("SerializationException", "%v", err)
		}
		return f(ctx, in)
	}
}

// Handler serves the operations of one service.
type Handler struct {
	Version    string               // 1.0 or 1.1
	Target     string               // AmazonSQS
	Operations map[string]Operation // by name: SendMessage
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out, err := h.answer(w, r)
	w.Header().Set("Content-Type", "application/x-amz-json-"+h.Version)
	w.Header().Set("x-amzn-RequestId", rand.Text())
	status := http.StatusOK
	if err != nil {
		failure, ok := errors.AsType[*Error](err)
		status = http.StatusBadRequest
		if !ok {
			failure, status = &Error{Code: "InternalFailure", Message: err.Error()}, http.StatusInternalServerError
		}
		if failure.Query != "" {
			w.Header().Set("x-amzn-query-error", failure.Query+";Sender")
		}
		out = map[string]string{"__type": failure.Code, "message": failure.Message}
	}
	b, err := json.Marshal(out)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(status)
	_, _ = w.Write(b) // the caller has gone; there is nobody to tell
}

func (h *Handler) answer(w http.ResponseWriter, r *http.Request) (any, error) {
	if r.Method != http.MethodPost {
		return nil, Errorf("UnknownOperationException", "The request is not a POST.")
	}
	target, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	op, ok := h.Operations[name]
	if !ok || target != h.Target {
		return nil, Errorf("UnknownOperationException", "The local %s has no operation %q.", h.Target, name)
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") {
		return nil, Errorf("MissingAuthenticationTokenException", "Request is missing Authentication Token.")
	}
	body := http.MaxBytesReader(w, r.Body, maxBody)
	var in json.RawMessage
	if err := json.NewDecoder(body).Decode(&in); err != nil {
		return nil, Errorf("SerializationException", "%v", err)
	}
	return op(r.Context(), in)
}
