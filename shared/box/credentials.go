package box

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// ClientCredentials returns tokens of the application's own user in the
// enterprise, made from the client secret. There is no refresh token, so every
// process may have its own.
func ClientCredentials(app App, enterpriseID string) TokenSource {
	return newSource(app, app.minting(func(ctx context.Context, _ time.Duration) (Token, error) {
		return app.token(ctx, url.Values{
			"grant_type": {"client_credentials"}, "box_subject_type": {"enterprise"}, "box_subject_id": {enterpriseID},
		})
	}))
}

// JWTKey is the application's key pair, in PEM without a passphrase.
type JWTKey struct {
	ID         string `json:"public_key_id"`
	PrivateKey string `json:"private_key"`
}

// String hides the key.
func (JWTKey) String() string { return "JWTKey(hidden)" }

// GoString hides the key from %#v.
func (JWTKey) GoString() string { return "JWTKey(hidden)" }

// JWT returns tokens of the application's own user in the enterprise, made from
// an assertion that the application's key signs.
func JWT(app App, enterpriseID string) TokenSource {
	return newSource(app, app.minting(func(ctx context.Context, skew time.Duration) (Token, error) {
		assertion, err := app.assertion(enterpriseID, app.now().Add(skew))
		if err != nil {
			return Token{}, err
		}
		return app.token(ctx, url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion},
		})
	}))
}

// minting returns how to get a token that needs no other one: a few tries of
// mint. The second one knows how far Box's clock is ahead of ours.
func (a App) minting(mint func(context.Context, time.Duration) (Token, error)) func(context.Context, string) (Token, error) {
	return func(ctx context.Context, _ string) (Token, error) {
		var skew time.Duration
		for try := 1; ; try++ {
			t, err := mint(ctx, skew)
			if err == nil {
				return t, nil
			}
			e, ok := errors.AsType[*Error](err)
			wrongClock := ok && gone(err) && skew == 0 && e.skewed(a.now())
			if try == tokenTries || !again(err) && !wrongClock {
				if gone(err) {
					err = fmt.Errorf("%w: %w", ErrDisconnected, err)
				}
				return Token{}, fmt.Errorf("get a Box token: %w", err)
			}
			if wrongClock {
				skew = e.date.Sub(a.now())
				continue
			}
			if err := a.backoff(ctx, try, err); err != nil {
				return Token{}, fmt.Errorf("get a Box token: %w", err)
			}
		}
	}
}

// audience is what Box wants in an assertion whatever host it is sent to.
const audience = "https://api.box.com/oauth2/token"

// assertion returns a signed claim to be the application, good for 45 seconds
// (Box allows 60) and for one use.
func (a App) assertion(enterpriseID string, at time.Time) (string, error) {
	if a.JWT == nil {
		return "", errors.New("secret of the Box application: jwt is required for this kind of authorisation")
	}
	key, err := a.JWT.parse()
	if err != nil {
		return "", err
	}
	head, err := json.Marshal(map[string]string{"alg": "RS256", "typ": "JWT", "kid": a.JWT.ID})
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{
		"iss": a.ClientID, "sub": enterpriseID, "box_sub_type": "enterprise", "aud": audience,
		"jti": rand.Text() + rand.Text(), "iat": at.Unix(), "exp": at.Add(45 * time.Second).Unix(),
	})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode(head) + "." + encode(claims)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign the assertion for Box: %w", err)
	}
	return signed + "." + encode(signature), nil
}

// Check reports why the private key cannot be used, if so.
func (k *JWTKey) Check() error {
	_, err := k.parse()
	return err
}

func (k *JWTKey) parse() (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(k.PrivateKey))
	if block == nil {
		return nil, errors.New("secret of the Box application: private_key is not in PEM form")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("secret of the Box application: private_key of type %q cannot be read; it must be RSA without a passphrase", block.Type)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("secret of the Box application: private_key is not an RSA key")
	}
	return key, nil
}
