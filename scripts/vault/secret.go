package main

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"os"

	"golang.org/x/crypto/argon2"

	"coffer/shared/keys"
	"coffer/shared/vault"
)

// The ways to keep a vault key.
const (
	plainKey      = "plain"
	passphraseKey = "passphrase"
	kmsKey        = "kms"
)

// Argon2id's cost for new recovery files, RFC 9106's second choice, and the
// most that one may ask of whoever opens it.
const (
	argonTime   = 3
	argonMemory = 64 << 10 // KiB
	argonLanes  = 4
	maxTime     = 100
	maxMemory   = 4 << 20
)

const shortestPassphrase = 12

func readPassphrase(file string) ([]byte, error) {
	b, err := os.ReadFile(file) // #nosec G304 -- the person names it
	if err != nil {
		return nil, fmt.Errorf("passphrase: %w", err)
	}
	if b = bytes.TrimRight(b, "\r\n"); len(b) < shortestPassphrase {
		return nil, fmt.Errorf("the passphrase has fewer than %d characters", shortestPassphrase)
	}
	return b, nil
}

func (k keyRecord) derive(passphrase []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(argon2.IDKey(passphrase, k.Salt, k.Time, k.Memory, k.Lanes, 32))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func bound(id vault.ID) []byte {
	return fmt.Appendf(nil, "coffer recovery %s %s", id.Account, id.Task)
}

// lock seals a vault key with a passphrase.
func lock(id vault.ID, key, passphrase []byte) (keyRecord, error) {
	k := keyRecord{How: passphraseKey, Salt: make([]byte, 16), Time: argonTime, Memory: argonMemory, Lanes: argonLanes}
	_, _ = rand.Read(k.Salt) // never fails
	aead, err := k.derive(passphrase)
	if err != nil {
		return keyRecord{}, err
	}
	k.Key = aead.Seal(nil, nil, key, bound(id)) // #nosec G407 -- it draws its nonces itself
	return k, nil
}

// unlock opens what lock sealed.
func (k keyRecord) unlock(id vault.ID, passphrase []byte) ([]byte, error) {
	if k.Time == 0 || k.Time > maxTime || k.Lanes == 0 || k.Memory > maxMemory {
		return nil, errors.New("the recovery file asks too much for its passphrase")
	}
	aead, err := k.derive(passphrase)
	if err != nil {
		return nil, err
	}
	key, err := aead.Open(nil, nil, k.Key, bound(id))
	if err != nil {
		return nil, errors.New("the passphrase is not that of the recovery file")
	}
	return key, nil
}

// ring opens the vault key of a recovery file: it is a vault.Keys that has one
// key and makes none.
type ring struct {
	id   vault.ID
	key  keyRecord
	kms  *keys.Ring // of kmsKey alone
	pass string     // the file with the passphrase, of passphraseKey alone
}

// NewKey implements vault.Keys.
func (ring) NewKey(context.Context, map[string]string) (plain, sealed []byte, err error) {
	return nil, nil, errors.New("a recovery file is only read")
}

// Open implements vault.Keys.
func (r ring) Open(ctx context.Context, sealed []byte, names map[string]string) ([]byte, error) {
	switch r.key.How {
	case plainKey:
		return sealed, nil
	case kmsKey:
		return r.kms.Open(ctx, sealed, names)
	case passphraseKey:
		if r.pass == "" {
			return nil, errors.New("the recovery file has a passphrase: name a file with it, -passphrase FILE")
		}
		passphrase, err := readPassphrase(r.pass)
		if err != nil {
			return nil, err
		}
		return r.key.unlock(r.id, passphrase)
	}
	return nil, fmt.Errorf("the recovery file keeps the vault key in a way that is not known, %q", r.key.How)
}
