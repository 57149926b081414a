package box

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// number reads what Box writes for a count or a size: a number, also as 1e12 or
// with a fraction, a string of one, or null. What it cannot read is zero.
type number int64

func (n *number) UnmarshalJSON(text []byte) error {
	s := string(bytes.Trim(text, `"`))
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		*n = number(i)
		return nil
	}
	f, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || math.IsNaN(f):
		*n = 0
	case f >= math.MaxInt64:
		*n = math.MaxInt64
	default:
		*n = number(f)
	}
	return nil
}

// text reads a string, a number as its digits, or null as "".
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		*t = text(s)
		return nil
	}
	if c := data[0]; c == '-' || c >= '0' && c <= '9' {
		*t = text(data)
	}
	return nil
}

// moment reads a time of RFC 3339; null and what is no time are the zero time.
type moment time.Time

func (m *moment) UnmarshalJSON(data []byte) error {
	t, err := time.Parse(time.RFC3339, string(bytes.Trim(data, `"`)))
	if err == nil {
		*m = moment(t)
	}
	return nil
}

// lenient reads any JSON value that fits T and takes every other for absent.
type lenient[T any] struct{ value T }

func (l *lenient[T]) UnmarshalJSON(data []byte) error {
	var v T
	if json.Unmarshal(data, &v) == nil {
		l.value = v
	}
	return nil
}
