package box_test

import (
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"coffer/shared/box"
)

// sealedKey is a key of testdata, which OpenSSL sealed, in PEM.
func sealedKey(t testing.TB, name string) string {
	t.Helper()
	der, err := os.ReadFile(filepath.Join("testdata/keys", name+".der"))
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der}))
}

const sesame = "open sesame ä"

func TestKeyIsUnlockedByItsPassphraseAlone_B2(t *testing.T) {
	t.Parallel()
	plain, err := os.ReadFile("testdata/keys/plain.der")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"des3-sha1", "aes256-sha256", "aes128-sha512"} {
		key := sealedKey(t, name)
		got, err := box.Unlock(key, sesame)
		if block, _ := pem.Decode([]byte(got)); err != nil || block == nil || !slices.Equal(block.Bytes, plain) {
			t.Errorf("%s: %v", name, err)
		}
		if err := (&box.JWTKey{PrivateKey: got}).Check(); err != nil || !box.Locked(key) || box.Locked(got) {
			t.Errorf("%s: locked %t, and then %t, %v", name, box.Locked(key), box.Locked(got), err)
		}
		for _, wrong := range []string{"", "open sesame", sesame + " "} {
			if _, err := box.Unlock(key, wrong); !errors.Is(err, box.ErrPassphrase) {
				t.Errorf("%s: with passphrase %q: %v", name, wrong, err)
			}
		}
	}
	for _, name := range []string{"pbe1", "scrypt", "plain"} {
		if _, err := box.Unlock(sealedKey(t, name), sesame); err == nil || errors.Is(err, box.ErrPassphrase) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzUnlock has keys that anybody may send: nothing panics or takes long.
func FuzzUnlock(f *testing.F) {
	for _, name := range []string{"des3-sha1", "aes256-sha256", "pbe1", "scrypt"} {
		block, _ := pem.Decode([]byte(sealedKey(f, name)))
		f.Add(block.Bytes)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		key, err := box.Unlock(string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der})), sesame)
		if err == nil && (&box.JWTKey{PrivateKey: key}).Check() != nil && key == "" {
			t.Error("an empty key was unlocked")
		}
	})
}
