package backup

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// SHA1 is the SHA-1 of a content, the checksum that Box gives for every file
// version. It identifies, it does not protect: contents are authenticated by
// their encryption.
type SHA1 [20]byte

// ParseSHA1 reads 40 hexadecimal digits.
func ParseSHA1(s string) (SHA1, error) {
	var sum SHA1
	if len(s) != 2*len(sum) {
		return SHA1{}, fmt.Errorf("SHA-1 %q: want 40 hexadecimal digits", s)
	}
	if _, err := hex.Decode(sum[:], []byte(s)); err != nil {
		return SHA1{}, fmt.Errorf("SHA-1 %q: %w", s, err)
	}
	return sum, nil
}

// String returns 40 lower-case hexadecimal digits.
func (s SHA1) String() string { return hex.EncodeToString(s[:]) }

// MarshalText implements encoding.TextMarshaler.
func (s SHA1) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *SHA1) UnmarshalText(text []byte) error {
	sum, err := ParseSHA1(strings.ToLower(string(text)))
	if err != nil {
		return err
	}
	*s = sum
	return nil
}

// Content identifies the bytes of a file version. Size is in bytes.
type Content struct {
	SHA1 SHA1  `json:"sha1"`
	Size int64 `json:"size"`
}

// String returns "sha1/size", for logs.
func (c Content) String() string { return fmt.Sprintf("%s/%d", c.SHA1, c.Size) }
