package backup

import "time"

// Token is a pair of Box tokens. Refresh is empty for connections that mint
// access tokens from application credentials.
type Token struct {
	Access  string    `json:"access"`
	Refresh string    `json:"refresh,omitempty"`
	Expiry  time.Time `json:"expiry"`
}

// String hides the tokens, so that one cannot slip into a log.
func (Token) String() string { return "Token(hidden)" }

// GoString hides the tokens from %#v.
func (Token) GoString() string { return "Token(hidden)" }
