package boxsim

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// assertion holds the claims of a JWT. Box wants aud to be one string.
type assertion struct {
	Issuer      string `json:"iss"`
	Subject     string `json:"sub"`
	SubjectType string `json:"box_sub_type"`
	Audience    any    `json:"aud"`
	ID          string `json:"jti"`
	Expires     int64  `json:"exp"`
}

// AddKey registers a public key of the application. Once it has one, the
// signatures of its JWT assertions are checked; before, any will do.
func (a *App) AddKey(id string, key *rsa.PublicKey) error {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return fmt.Errorf("public key %s: %w", id, err)
	}
	a.sim.mu.Lock()
	defer a.sim.mu.Unlock()
	registered := a.sim.Apps[a.ClientID]
	if registered.Keys == nil {
		registered.Keys = map[string][]byte{}
	}
	registered.Keys[id] = der
	return nil
}

// audience is what every assertion must name, whatever host it is sent to.
const audience = "https://api.box.com/oauth2/token"

// verifyAssertion checks a JWT as Box does.
func (c *call) verifyAssertion(client *app, token string) (assertion, *oauthError) {
	refuse := func(format string, args ...any) (assertion, *oauthError) {
		return assertion{}, &oauthError{http.StatusBadRequest, "invalid_grant", fmt.Sprintf(format, args...)}
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return refuse("Please check the 'assertion' parameter.")
	}
	var header struct{ Alg, Kid string }
	var claims assertion
	for i, into := range []any{&header, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(text, into) != nil {
			return refuse("Please check the 'assertion' parameter.")
		}
	}
	until := time.Unix(claims.Expires, 0)
	switch aud, isString := claims.Audience.(string); {
	case !isString:
		return refuse("Please check the 'aud' claim. Should be a string")
	case aud != audience:
		return refuse("Please check the 'aud' claim.")
	case claims.Issuer != client.ClientID:
		return refuse("Please check the 'iss' claim.")
	case !c.now().Before(until):
		return refuse("Current date time must be before the expiration date time listed in the 'exp' claim.")
	case until.Sub(c.now()) > time.Minute:
		return refuse("Please check the 'exp' claim.")
	case len(claims.ID) < 16 || len(claims.ID) > 128:
		return refuse("Please check the 'jti' claim.")
	case len(client.Keys) > 0 && !signed(client.Keys[header.Kid], header.Alg, parts):
		return refuse("Please check the 'signature'.")
	case !c.jtis[claims.ID].IsZero():
		return refuse("A unique 'jti' value is required.")
	}
	c.jtis[claims.ID] = until
	return claims, nil
}

func signed(der []byte, alg string, parts []string) bool {
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return false
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return false
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return false
	}
	text := []byte(parts[0] + "." + parts[1])
	switch alg {
	case "RS256":
		sum := sha256.Sum256(text)
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil
	case "RS384":
		sum := sha512.Sum384(text)
		return rsa.VerifyPKCS1v15(key, crypto.SHA384, sum[:], signature) == nil
	case "RS512":
		sum := sha512.Sum512(text)
		return rsa.VerifyPKCS1v15(key, crypto.SHA512, sum[:], signature) == nil
	}
	return false
}
