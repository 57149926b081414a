package identity

import (
	"strings"
	"testing"
)

func TestPasswordThatIsGuessedFirstIsRefused(t *testing.T) {
	t.Parallel()
	const email = "ann.archer@example.com"
	for _, p := range []string{
		"short", "elevenchars", strings.Repeat("x", 12), strings.Repeat("ab", 6), "123456789012", "987654321098",
		"password1234", "Password1234!", "P@ssw0rd1234", "!!Dragon2000!!"[:14], "qwertyuiop12", "qwerty123qwerty", "abcdefghijkl",
		"1qaz2wsx3edc", "iloveyouiloveyou", "abc123abc123", email, "ANN.ARCHER@example.com", strings.Repeat("long-", 26) + "!",
		"\xff\xfe\xfd and more bytes",
	} {
		if err := checkPassword(p, email); err == nil {
			t.Errorf("%q is accepted", p)
		}
	}
	for _, p := range []string{
		"correct horse battery staple", "48219375620174", "ünïcødé wörds are fine", "x7!kQ2#pV9zL", "summer dragon monkey shadow",
		strings.Repeat("many-Words ", 11) + "1234567",
	} {
		if err := checkPassword(p, email); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
}

func TestPasswordIsKnownByItsHashOnly(t *testing.T) {
	t.Parallel()
	a, err := hashPassword("correct horse battery staple")
	if err != nil {
		t.Fatal(err)
	}
	b, err := hashPassword("correct horse battery staple")
	if err != nil {
		t.Fatal(err)
	}
	if a == b || !strings.HasPrefix(a, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hashes %q and %q", a, b)
	}
	composed, err := hashPassword("caf\u00e9 caf\u00e9 caf\u00e9")
	if err != nil || !verifyPassword(composed, "cafe\u0301 cafe\u0301 cafe\u0301") || verifyPassword(composed, "cafe cafe cafe") {
		t.Errorf("%q, %v: accents of their own do not verify, or none do", composed, err)
	}
	for _, h := range []string{a, b} {
		if !verifyPassword(h, "correct horse battery staple") {
			t.Errorf("%q does not verify", h)
		}
		if verifyPassword(h, "correct horse battery stapler") {
			t.Errorf("%q verifies another password", h)
		}
	}
	for _, h := range []string{"", "x", strings.TrimSuffix(a, a[len(a)-4:]), strings.Replace(a, "v=19", "v=18", 1)} {
		if verifyPassword(h, "correct horse battery staple") {
			t.Errorf("%q verifies", h)
		}
	}
}
