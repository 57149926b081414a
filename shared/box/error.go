package box

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// ErrDisconnected says that the authorisation is gone: revoked, expired, or the
// application is not allowed in the enterprise any more. Only a person who
// authorises again can help.
var ErrDisconnected = errors.New("box: the authorisation was revoked or has expired")

// Error is a call that Box refused, or that found no clear answer.
type Error struct {
	Call      string          // kind of call, as in Client.Calls
	Status    int             // HTTP status; 0 where no answer came
	Code      string          // Box's word for the error
	Message   string          // Box's text
	RequestID string          // for Box's support
	Context   json.RawMessage // Box's context_info
	Uncertain bool            // the call, or an earlier try of it, may have been carried out
	Err       error           // what failed where no answer came

	retryAfter time.Duration // negative: Box did not say
	date       time.Time     // Box's clock
	as         bool          // the client acted as a user, with As
}

// skewed reports whether Box's clock differs from ours by more than an
// assertion can bear.
func (e *Error) skewed(now time.Time) bool {
	return !e.date.IsZero() && e.date.Sub(now).Abs() > 10*time.Second
}

// Error describes the failure in one line.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "box %s: ", e.Call)
	switch {
	case e.Err != nil:
		b.WriteString(e.Err.Error())
	default:
		fmt.Fprintf(&b, "%d %s", e.Status, e.Code)
		if e.Message != "" {
			fmt.Fprintf(&b, " (%s)", e.Message)
		}
	}
	if e.Uncertain {
		b.WriteString("; it may have been carried out")
	}
	return b.String()
}

// Unwrap returns the cause where no answer came.
func (e *Error) Unwrap() error { return e.Err }

// RateLimitError says that Box wants no call of this user for a time that is
// longer than the caller can wait.
type RateLimitError struct {
	RetryAfter time.Duration
}

// Error says how long to wait.
func (e *RateLimitError) Error() string {
	return fmt.Sprintf("box: no calls of this user for another %s", e.RetryAfter.Round(time.Second))
}

func status(err error, statuses ...int) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	for _, s := range statuses {
		if e.Status == s {
			return true
		}
	}
	return false
}

func code(err error, codes ...string) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	for _, c := range codes {
		if e.Code == c {
			return true
		}
	}
	return false
}

// IsNotFound reports whether the item does not exist, is in the trash, or is
// not accessible, which Box does not distinguish from the first.
func IsNotFound(err error) bool {
	return status(err, http.StatusNotFound) && !IsUserUnreachable(err)
}

// IsTrashed reports whether the item is in the trash.
func IsTrashed(err error) bool { return status(err, http.StatusNotFound) && code(err, "trashed") }

// IsConflict reports whether a name is taken already, or an item changed since
// the etag that was given. Conflict returns the item that holds the name.
func IsConflict(err error) bool {
	return status(err, http.StatusConflict, http.StatusPreconditionFailed)
}

// IsForbidden reports whether Box refuses for good: permissions, a policy, a
// lock, a quota, malware.
func IsForbidden(err error) bool { return status(err, http.StatusForbidden) }

// IsRefused reports whether Box refused the request itself: a marker or a
// position that it does not know any more, say.
func IsRefused(err error) bool { return status(err, http.StatusBadRequest, http.StatusGone) }

// IsUserUnreachable reports whether the user that the client acts as does not
// exist, is inactive, or may not be acted as.
func IsUserUnreachable(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	var info struct {
		User json.RawMessage `json:"invalid_user_id"`
	}
	_ = json.Unmarshal(e.Context, &info) // a context of another shape names no user
	return e.Status == http.StatusNotFound && (info.User != nil || strings.Contains(e.Message, "On-Behalf-Of")) ||
		e.Status == http.StatusForbidden && e.Code == "insufficient_scope" && e.as
}

// IsBusy reports whether the call may work later: too many calls, a lock while
// a folder moves, trouble at Box or on the way there.
func IsBusy(err error) bool {
	if _, ok := errors.AsType[*RateLimitError](err); ok {
		return true
	}
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Status == 0 || transient(e))
}

// Conflict returns the item that holds the name which a creation, upload,
// rename or move wanted. Box describes it only as far as the answer goes: kind,
// id, name and, for files, SHA-1.
func Conflict(err error) (Item, bool) {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Status != http.StatusConflict {
		return Item{}, false
	}
	var info struct {
		Conflicts json.RawMessage `json:"conflicts"`
	}
	if json.Unmarshal(e.Context, &info) != nil {
		return Item{}, false
	}
	var one Item // files: an object; folders: an array; the description says array for both
	if json.Unmarshal(info.Conflicts, &one) == nil && one.ID != "" {
		return one, true
	}
	var many []Item
	if json.Unmarshal(info.Conflicts, &many) == nil && len(many) > 0 && many[0].ID != "" {
		return many[0], true
	}
	return Item{}, false
}

// transient reports whether trying again later can help.
func transient(e *Error) bool {
	switch e.Status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case http.StatusConflict:
		return e.Code == "name_temporarily_reserved" || e.Code == "operation_blocked_temporary"
	}
	return false
}

// unclear reports whether the failed try may have been carried out.
func unclear(e *Error) bool {
	return e.Status >= 500 || e.Status == 0 && !neverSent(e.Err)
}

var challenge = regexp.MustCompile(`(error|error_description)="([^"]*)"`)

// refusal makes an Error of an answer whose body, cut to a sane length, is
// given. Answers about authorisation have an empty body and say all in a
// header; token answers have words of their own.
func refusal(call string, resp *http.Response, body []byte) *Error {
	e := &Error{Call: call, Status: resp.StatusCode, retryAfter: retryAfter(resp)}
	e.date, _ = http.ParseTime(resp.Header.Get("Date")) // zero where it is missing
	var doc struct {
		Code        string          `json:"code"`
		Message     string          `json:"message"`
		RequestID   string          `json:"request_id"`
		Context     json.RawMessage `json:"context_info"`
		Error       string          `json:"error"`
		Description string          `json:"error_description"`
	}
	if json.Unmarshal(body, &doc) == nil {
		e.Code, e.Message, e.RequestID, e.Context = doc.Code, doc.Message, doc.RequestID, doc.Context
		if e.Code == "" {
			e.Code, e.Message = doc.Error, doc.Description
		}
	}
	if e.Code == "" {
		for _, m := range challenge.FindAllStringSubmatch(resp.Header.Get("WWW-Authenticate"), -1) {
			if m[1] == "error" {
				e.Code = m[2]
			} else {
				e.Message = m[2]
			}
		}
	}
	if e.Code == "" {
		e.Code = http.StatusText(resp.StatusCode)
	}
	if e.RequestID == "" {
		e.RequestID = resp.Header.Get("Box-Request-Id")
	}
	return e
}

func asError(err error) (*Error, bool) { return errors.AsType[*Error](err) }
