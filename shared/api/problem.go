package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"coffer/shared/backup"
	"coffer/shared/identity"
)

// status is the HTTP status of an error.
func status(err error) int {
	if errors.Is(err, identity.ErrNoSession) || errors.Is(err, identity.ErrCredentials) {
		return http.StatusUnauthorized
	}
	switch backup.KindOf(err) {
	case backup.Invalid:
		return http.StatusBadRequest
	case backup.NotFound:
		return http.StatusNotFound
	case backup.Conflict:
		return http.StatusConflict
	case backup.Forbidden:
		return http.StatusForbidden
	case backup.Busy:
		return http.StatusTooManyRequests
	default:
		return http.StatusInternalServerError
	}
}

// problem turns an error into the document (RFC 9457) that a person may see.
// Whatever is not a backup.Error is logged and stays inside.
func problem(ctx context.Context, operation string, err error) huma.StatusError {
	var known huma.StatusError
	if errors.As(err, &known) {
		return known
	}
	code := status(err)
	e, ok := errors.AsType[*backup.Error](err)
	if !ok || code == http.StatusInternalServerError {
		slog.ErrorContext(ctx, "request", "operation", operation, "err", err)
		return document(code, "Something went wrong on our side. Try again in a moment.")
	}
	doc := document(code, e.Message)
	if e.Field != "" {
		doc.Errors = []*huma.ErrorDetail{{Message: e.Message, Location: e.Field}}
	}
	return doc
}

// waiting adds when to try again to a problem, where err knows.
func waiting(err error, doc error) error {
	e, ok := errors.AsType[*backup.Error](err)
	if !ok || e.Wait <= 0 {
		return doc
	}
	seconds := strconv.Itoa(int(math.Ceil(e.Wait.Seconds())))
	return huma.ErrorWithHeaders(doc, http.Header{"Retry-After": {seconds}})
}

func document(code int, detail string) *huma.ErrorModel {
	return &huma.ErrorModel{Status: code, Title: http.StatusText(code), Detail: detail}
}

// write sends a problem where no operation is involved.
func write(w http.ResponseWriter, code int, detail string) {
	body, err := json.Marshal(document(code, detail))
	if err != nil {
		panic(err) // a struct of texts
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(code)
	w.Write(body)
}

// inner is a huma.Context under a name that does not hide its method.
type inner huma.Context

// badContext answers 400 where Huma would answer 422: to us a body that does
// not fit is as bad as one that does not parse.
type badContext struct{ inner }

// Unwrap lets Huma's adapter find its own context.
func (c badContext) Unwrap() huma.Context { return c.inner }

// SetStatus implements huma.Context.
func (c badContext) SetStatus(code int) {
	switch code {
	case http.StatusUnprocessableEntity:
		code = http.StatusBadRequest
	case reused:
		code = http.StatusUnprocessableEntity
	}
	c.inner.SetStatus(code)
}

func badRequests(ctx huma.Context, next func(huma.Context)) { next(badContext{ctx}) }

// tidy is the transformer of answers: it makes Huma's own problems ours. What
// was sent is not sent back, since it may be a password.
func tidy(_ huma.Context, code string, v any) (any, error) {
	doc, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	out := *doc
	out.Errors = nil
	for _, e := range doc.Errors {
		if e != nil {
			out.Errors = append(out.Errors, &huma.ErrorDetail{Message: e.Message, Location: field(e.Location)})
		}
	}
	switch code {
	case strconv.Itoa(http.StatusUnprocessableEntity):
		out.Status, out.Title, out.Detail = http.StatusBadRequest, http.StatusText(http.StatusBadRequest), "The request does not have the form that it should."
	case strconv.Itoa(reused):
		out.Status = http.StatusUnprocessableEntity
	case strconv.Itoa(http.StatusBadRequest):
		if out.Detail == "validation failed" {
			out.Detail, out.Errors = "The request is not JSON of the form that it should be.", nil
		}
	case strconv.Itoa(http.StatusUnsupportedMediaType):
		out.Detail, out.Errors = "The request must be JSON (Content-Type: application/json).", nil
	}
	return &out, nil
}

// field turns Huma's location, such as body.name, into the name that a
// backup.Error gives a field, such as name or destination.user.
func field(location string) string {
	if in, name, ok := strings.Cut(location, "."); ok && slices.Contains([]string{"body", "query", "path", "header", "cookie"}, in) {
		return name
	}
	return location
}
