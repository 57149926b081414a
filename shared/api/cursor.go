package api

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"

	"coffer/shared/account"
	"coffer/shared/backup"
)

// Page is how the input of a list asks for a page of it: embed it.
type Page struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many to return at most."`
	Cursor string `query:"cursor" maxLength:"4096" doc:"The next of the page before; empty for the first page."`
}

// List is a page of a list.
type List[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"The cursor of the next page; absent on the last."`
	Total *int   `json:"total,omitempty" doc:"How many there are on all pages; absent where counting them would cost too much."`
}

// Seal makes a cursor that only this session can use, for this list only. List
// names what is listed, with everything that decides its order and content.
func Seal(who account.Session, list, position string) string {
	if position == "" {
		return ""
	}
	sealed := aead(who).Seal(nil, nil, []byte(position), []byte(list))
	return base64.RawURLEncoding.EncodeToString(sealed)
}

// Open returns the position that Seal was given. Anything else than a cursor
// of this session and list is Invalid.
func Open(who account.Session, list, cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err == nil {
		var position []byte
		if position, err = aead(who).Open(nil, nil, sealed, []byte(list)); err == nil {
			return string(position), nil
		}
	}
	return "", backup.Field("cursor", "This cursor belongs to another list or session. Begin at the first page.")
}

func aead(who account.Session) cipher.AEAD {
	block, err := aes.NewCipher(who.Key)
	if err != nil {
		panic(err) // a session's key has 32 bytes
	}
	a, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // for AES always possible
	}
	return a
}
