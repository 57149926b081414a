package keys_test

import (
	"bytes"
	"testing"

	"coffer/scripts/local/localtest"
	"coffer/shared/backup"
	"coffer/shared/keys"
	"coffer/shared/vault"
)

var bound = map[string]string{"account": "acme", "task": "box", "purpose": "vault"}

// others are names that open nothing that was sealed for bound.
var others = map[string]map[string]string{
	"another task":    {"account": "acme", "task": "other", "purpose": "vault"},
	"another purpose": {"account": "acme", "task": "box", "purpose": "token"},
	"fewer names":     {"account": "acme", "task": "box"},
	"no names":        nil,
}

// rings are the sources of vault keys; every test that uses it holds for each.
func rings(t *testing.T, test func(t *testing.T, ring vault.Keys)) {
	t.Helper()
	t.Run("KMS", func(t *testing.T) {
		t.Parallel()
		cloud := localtest.Start(t)
		test(t, keys.New(cloud.AWS, cloud.Key(t)))
	})
	t.Run("static", func(t *testing.T) {
		t.Parallel()
		ring, err := vault.NewStaticKeys(bytes.Repeat([]byte("s"), 32))
		check(t, err)
		test(t, ring)
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestKeyOpensForItsNamesAlone(t *testing.T) {
	t.Parallel()
	rings(t, func(t *testing.T, ring vault.Keys) {
		plain, sealed, err := ring.NewKey(t.Context(), bound)
		check(t, err)
		if len(plain) != 32 || bytes.Contains(sealed, plain) {
			t.Errorf("a key of %d bytes, sealed as %x", len(plain), sealed)
		}
		got, err := ring.Open(t.Context(), sealed, bound)
		check(t, err)
		if !bytes.Equal(got, plain) {
			t.Error("another key came back")
		}
		for name, other := range others {
			if _, err := ring.Open(t.Context(), sealed, other); backup.KindOf(err) != backup.Forbidden {
				t.Errorf("%s: %v, want forbidden", name, err)
			}
		}
		sealed[len(sealed)-1] ^= 1
		if _, err := ring.Open(t.Context(), sealed, bound); backup.KindOf(err) != backup.Forbidden {
			t.Errorf("a changed key: %v, want forbidden", err)
		}
		again, _, err := ring.NewKey(t.Context(), bound)
		check(t, err)
		if bytes.Equal(again, plain) {
			t.Error("the same key was made twice")
		}
	})
}

func TestSecretOpensForItsNamesAlone(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	ring := keys.New(cloud.AWS, cloud.Key(t))
	for _, plain := range [][]byte{[]byte("t"), bytes.Repeat([]byte("token"), keys.MaxSeal/5)} {
		sealed, err := ring.Seal(t.Context(), plain, bound)
		check(t, err)
		got, err := ring.Open(t.Context(), sealed, bound)
		check(t, err)
		if !bytes.Equal(got, plain) {
			t.Error("another secret came back")
		}
		for name, other := range others {
			if _, err := ring.Open(t.Context(), sealed, other); backup.KindOf(err) != backup.Forbidden {
				t.Errorf("%s: %v, want forbidden", name, err)
			}
		}
		if _, err := keys.New(cloud.AWS, cloud.Key(t)).Open(t.Context(), sealed, bound); backup.KindOf(err) != backup.Forbidden {
			t.Errorf("with another KMS key: %v, want forbidden", err)
		}
	}
	if _, err := ring.Seal(t.Context(), make([]byte, keys.MaxSeal+1), bound); err == nil {
		t.Errorf("more than %d bytes were sealed", keys.MaxSeal)
	}
}
