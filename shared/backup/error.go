package backup

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what the receiver of an Error should do.
type Kind int

// The kinds. Internal is what every error that is not an Error counts as.
const (
	Internal  Kind = iota // log and alarm
	Invalid               // correct the input
	NotFound              // it does not exist, or is not yours
	Conflict              // it changed or exists already; read again
	Forbidden             // do not retry
	Busy                  // retry later
)

// String returns the kind's name.
func (k Kind) String() string {
	switch k {
	case Invalid:
		return "invalid"
	case NotFound:
		return "not found"
	case Conflict:
		return "conflict"
	case Forbidden:
		return "forbidden"
	case Busy:
		return "busy"
	default:
		return "internal"
	}
}

// Error is the only error whose text a person ever sees. Message is a whole
// sentence. Field, where set, names the input field that is wrong, as a JSON
// path such as "hour"; Wait is how long to wait before trying again, of a Busy
// one, or a Conflict that passes, where it is known.
type Error struct {
	Kind    Kind
	Message string
	Field   string
	Wait    time.Duration
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Errorf returns an Error of the kind with the formatted message.
func Errorf(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Field returns an Invalid error about one field of the input.
func Field(field, format string, args ...any) error {
	return &Error{Kind: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Taken returns a Conflict about one field of the input, whose value something
// else has.
func Taken(field, format string, args ...any) error {
	return &Error{Kind: Conflict, Field: field, Message: fmt.Sprintf(format, args...)}
}

// KindOf returns the kind of the first Error in err's chain, or Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}
