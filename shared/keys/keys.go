// Package keys seals small secrets with a key that never leaves AWS KMS. Every
// seal is bound to a set of names (the KMS encryption context: account, task
// and purpose), so what was sealed for one task cannot be opened as another's.
package keys

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"coffer/shared/backup"
)

// MaxSeal is the most bytes that KMS seals at once.
const MaxSeal = 4096

// Ring is one KMS key.
type Ring struct {
	client *kms.Client
	key    string
}

// New returns the KMS key with that ARN or id.
func New(cfg aws.Config, keyID string) *Ring {
	return &Ring{client: kms.NewFromConfig(cfg), key: keyID}
}

// Seal encrypts at most MaxSeal bytes for those who can name bound.
func (r *Ring) Seal(ctx context.Context, plain []byte, bound map[string]string) ([]byte, error) {
	out, err := r.client.Encrypt(ctx, &kms.EncryptInput{KeyId: &r.key, Plaintext: plain, EncryptionContext: bound})
	if err != nil {
		return nil, fmt.Errorf("seal with KMS: %w", err)
	}
	return out.CiphertextBlob, nil
}

// Open returns what Seal or NewKey sealed. It is Forbidden where sealed was
// altered, or sealed for other names or with another key.
func (r *Ring) Open(ctx context.Context, sealed []byte, bound map[string]string) ([]byte, error) {
	out, err := r.client.Decrypt(ctx, &kms.DecryptInput{KeyId: &r.key, CiphertextBlob: sealed, EncryptionContext: bound})
	if wrong(err) {
		return nil, backup.Errorf(backup.Forbidden, "A stored key or secret does not belong here.")
	}
	if err != nil {
		return nil, fmt.Errorf("open with KMS: %w", err)
	}
	return out.Plaintext, nil
}

// NewKey returns a new random 256-bit key, plain and sealed.
func (r *Ring) NewKey(ctx context.Context, bound map[string]string) (plain, sealed []byte, err error) {
	out, err := r.client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{
		KeyId: &r.key, KeySpec: types.DataKeySpecAes256, EncryptionContext: bound,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("new key from KMS: %w", err)
	}
	return out.Plaintext, out.CiphertextBlob, nil
}

func wrong(err error) bool {
	if _, ok := errors.AsType[*types.InvalidCiphertextException](err); ok {
		return true
	}
	_, ok := errors.AsType[*types.IncorrectKeyException](err)
	return ok
}
