package identity

import (
	"crypto/rand"
	"crypto/subtle"
	_ "embed" // the list of common passwords
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"coffer/shared/backup"
)

// Argon2id's cost: OWASP's first recommendation for it, and little enough for
// a small function.
const (
	argonMemory = 19 << 10 // KiB
	argonTime   = 2
	argonLanes  = 1
	saltSize    = 16
	keySize     = 32
)

const (
	shortestPassword = 12
	longestPassword  = 128
)

// common lists the passwords that people choose most, one a line, in order:
// the first 4,000 and every one of at least 12 characters of the list that
// comes with zxcvbn (Dropbox, MIT licence).
//
//go:embed common.txt
var common string

// checkPassword refuses passwords that are easily guessed. There is no rule on
// what characters to mix: length and rarity decide.
func checkPassword(password, email string) error {
	password = norm.NFC.String(password)
	n := utf8.RuneCountInString(password)
	switch {
	case n < shortestPassword:
		return backup.Field("password", "Choose a password of at least %d characters.", shortestPassword)
	case n > longestPassword:
		return backup.Field("password", "Choose a password of at most %d characters.", longestPassword)
	case !utf8.ValidString(password):
		return backup.Field("password", "The password is not text.")
	case isAddress(password, email):
		return backup.Field("password", "Choose a password that is not your e-mail address.")
	case isCommon(password):
		return backup.Field("password", "This password is one of those that are guessed first. Choose another one.")
	}
	return nil
}

func isAddress(password, email string) bool {
	p := strings.ToLower(strings.TrimSpace(password))
	local, _, _ := strings.Cut(email, "@")
	return p == email || p == local || p == strings.ReplaceAll(email, "@", "")
}

// isCommon reports whether the password, or what it repeats, is on the list,
// or is made of no more than two different parts that are: a common word or
// run of keys, its letters perhaps swapped for digits, with a common number or
// a few signs around it. Three words are a passphrase and pass.
func isCommon(password string) bool {
	p := strings.ToLower(password)
	core := strings.TrimFunc(p, func(r rune) bool { return !unicode.IsLetter(r) })
	word := strings.Replace(p, core, unswap(core), 1)
	return weak(p) || weak(word) || mostlyWeak(p) || mostlyWeak(word)
}

// mostlyWeak reports whether one or two different weak parts, repeated or not,
// make up at least half of s and all other parts are a sign or two.
func mostlyWeak(s string) bool {
	different, length := map[string]bool{}, 0
	for _, part := range parts(s) {
		n := utf8.RuneCountInString(part)
		if n < 3 {
			continue
		}
		if !weak(part) {
			return false
		}
		different[part] = true
		length += n
	}
	return len(different) <= 2 && 2*length >= utf8.RuneCountInString(s)
}

// weak reports whether s repeats something that is listed or a run, or is a
// year.
func weak(s string) bool {
	unit := period(s)
	return listed(unit) || runs(unit) || len(s) == 4 && (s[:2] == "19" || s[:2] == "20")
}

func listed(s string) bool {
	for line := range strings.Lines(common) {
		if strings.TrimSuffix(line, "\n") == s {
			return true
		}
	}
	return false
}

// parts splits s where letters, digits and signs meet.
func parts(s string) []string {
	var out []string
	last := -1
	for _, r := range s {
		class := 0
		if unicode.IsLetter(r) {
			class = 1
		} else if unicode.IsDigit(r) {
			class = 2
		}
		if class != last {
			out, last = append(out, ""), class
		}
		out[len(out)-1] += string(r)
	}
	return out
}

// unswap turns digits and signs back into the letters they stand for.
func unswap(s string) string {
	return strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i").Replace(s)
}

// period returns the shortest string of which s is a repetition.
func period(s string) string {
	for n := 1; n <= len(s)/2; n++ {
		if strings.HasPrefix(s, s[:n]) && s == strings.Repeat(s[:n], len(s)/n)+s[:len(s)%n] {
			return s[:n]
		}
	}
	return s
}

// runs reports whether s is one or two keys, or a run along the alphabet, the
// digits or the keyboard, forwards or backwards.
func runs(s string) bool {
	const rows = "abcdefghijklmnopqrstuvwxyz qwertyuiopasdfghjklzxcvbnm 01234567890123456789"
	back := []rune(s)
	slices.Reverse(back)
	return len(back) < 3 || strings.Contains(rows, s) || strings.Contains(rows, string(back))
}

// hashPassword returns the Argon2id hash in the PHC string format.
func hashPassword(password string) (string, error) {
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails
	return encode(salt, derive(password, salt, argonMemory, argonTime, argonLanes)), nil
}

// derive takes a letter for the same whether its accent is a character of its
// own, as some keyboards have it, or not.
func derive(password string, salt []byte, memory, time uint32, lanes uint8) []byte {
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, time, memory, lanes, keySize)
}

func encode(salt, key []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes, b.EncodeToString(salt), b.EncodeToString(key))
}

// verifyPassword reports whether the password has this hash. With no hash it
// takes as long and says no.
func verifyPassword(encoded, password string) bool {
	var version int
	var memory, time uint32
	var lanes uint8
	var tail string
	_, err := fmt.Sscanf(encoded, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s", &version, &memory, &time, &lanes, &tail)
	saltText, keyText, ok := strings.Cut(tail, "$")
	salt, err1 := base64.RawStdEncoding.DecodeString(saltText)
	key, err2 := base64.RawStdEncoding.DecodeString(keyText)
	if err != nil || !ok || err1 != nil || err2 != nil || version != argon2.Version || len(key) != keySize {
		derive(password, make([]byte, saltSize), argonMemory, argonTime, argonLanes)
		return false
	}
	return subtle.ConstantTimeCompare(derive(password, salt, memory, time, lanes), key) == 1
}
