package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"maps"
	"slices"

	"coffer/shared/backup"
)

// StaticKeys seals vault keys with a key that the caller holds.
type StaticKeys struct {
	aead cipher.AEAD
}

// NewStaticKeys returns the keys sealed with a key of 16, 24 or 32 bytes.
func NewStaticKeys(key []byte) (*StaticKeys, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &StaticKeys{aead: aead}, nil
}

// NewKey implements Keys.
func (k *StaticKeys) NewKey(_ context.Context, bound map[string]string) (plain, sealed []byte, err error) {
	plain = newKey()
	return plain, seal(k.aead, plain, bindAll(bound)), nil
}

// Open implements Keys.
func (k *StaticKeys) Open(_ context.Context, sealed []byte, bound map[string]string) ([]byte, error) {
	plain, err := unseal(k.aead, sealed, bindAll(bound))
	if err != nil {
		return nil, backup.Errorf(backup.Forbidden, "A stored key does not belong here.")
	}
	return plain, nil
}

func bindAll(bound map[string]string) []byte {
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(bound)) {
		fields = append(fields, name, bound[name])
	}
	return bind(fields...)
}
