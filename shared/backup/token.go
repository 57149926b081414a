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

// Grant is how a task is authorised at Box.
type Grant string

// The grants. With OAuth an administrator authorises in the browser; the others
// are the customer's own Box application, authorised in Box's Admin Console.
const (
	OAuth             Grant = "oauth"
	ClientCredentials Grant = "client_credentials"
	JWT               Grant = "jwt"
)

// Credentials are those of the customer's own Box application.
type Credentials struct {
	Grant        Grant  `json:"grant"`
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	Enterprise   string `json:"enterprise"`
	KeyID        string `json:"keyId,omitempty"`      // JWT alone
	PrivateKey   string `json:"privateKey,omitempty"` // JWT alone, PEM
}

// String hides the credentials.
func (Credentials) String() string { return "Credentials(hidden)" }

// GoString hides the credentials from %#v.
func (Credentials) GoString() string { return "Credentials(hidden)" }
