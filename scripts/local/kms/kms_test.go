package kms_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"coffer/scripts/local/kms"
	"coffer/scripts/local/loopback"
)

func open(t *testing.T, dir string) (*kms.Server, *awskms.Client) {
	t.Helper()
	s, err := kms.New(kms.Options{Dir: dir, Region: "eu-central-1"})
	if err != nil {
		t.Fatal(err)
	}
	srv, err := loopback.Serve("127.0.0.1:0", s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	return s, awskms.New(awskms.Options{
		Region: "eu-central-1", BaseEndpoint: &srv.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	})
}

func key(t *testing.T, s *kms.Server, name string) string {
	t.Helper()
	arn, err := s.Key(name)
	if err != nil {
		t.Fatal(err)
	}
	return arn
}

func TestSealedSurvivesRestartBoundToItsContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, client := open(t, dir)
	arn := key(t, s, "vault")
	bound := map[string]string{"account": "a", "task": "t", "purpose": "vault"}
	sealed, err := client.Encrypt(t.Context(), &awskms.EncryptInput{KeyId: &arn, Plaintext: []byte("secret"), EncryptionContext: bound})
	if err != nil {
		t.Fatal(err)
	}
	made, err := client.GenerateDataKey(t.Context(), &awskms.GenerateDataKeyInput{KeyId: new("alias/vault"), KeySpec: types.DataKeySpecAes256, EncryptionContext: bound})
	if err != nil {
		t.Fatal(err)
	}
	if len(made.Plaintext) != 32 || *made.KeyId != arn {
		t.Errorf("data key of %d bytes by %s", len(made.Plaintext), *made.KeyId)
	}
	if bytes.Contains(sealed.CiphertextBlob, []byte("secret")) || bytes.Contains(made.CiphertextBlob, made.Plaintext) {
		t.Error("the plaintext is in the ciphertext")
	}

	s, client = open(t, dir)
	if again := key(t, s, "vault"); again != arn {
		t.Errorf("after a restart the key is %s, was %s", again, arn)
	}
	for blob, want := range map[string][]byte{string(sealed.CiphertextBlob): []byte("secret"), string(made.CiphertextBlob): made.Plaintext} {
		got, err := client.Decrypt(t.Context(), &awskms.DecryptInput{CiphertextBlob: []byte(blob), EncryptionContext: bound, KeyId: &arn})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Plaintext, want) {
			t.Errorf("got %q, want %q", got.Plaintext, want)
		}
	}

	changed := slices.Clone(sealed.CiphertextBlob)
	changed[len(changed)-1]++
	for name, in := range map[string]*awskms.DecryptInput{
		"no context":     {CiphertextBlob: sealed.CiphertextBlob},
		"other context":  {CiphertextBlob: sealed.CiphertextBlob, EncryptionContext: map[string]string{"account": "b", "task": "t", "purpose": "vault"}},
		"changed":        {CiphertextBlob: changed, EncryptionContext: bound},
		"no ciphertext":  {CiphertextBlob: []byte("x"), EncryptionContext: bound},
		"of unknown key": {CiphertextBlob: append([]byte{1}, strings.Repeat("x", 80)...), EncryptionContext: bound},
	} {
		_, err := client.Decrypt(t.Context(), in)
		if _, ok := errors.AsType[*types.InvalidCiphertextException](err); !ok {
			t.Errorf("%s: got %v", name, err)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the state file has mode %v", info.Mode())
	}
}

func TestKeysAreDistinct(t *testing.T) {
	t.Parallel()
	s, client := open(t, "")
	one, two := key(t, s, "one"), key(t, s, "two")
	sealed, err := client.Encrypt(t.Context(), &awskms.EncryptInput{KeyId: &one, Plaintext: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Decrypt(t.Context(), &awskms.DecryptInput{CiphertextBlob: sealed.CiphertextBlob, KeyId: &two})
	if _, ok := errors.AsType[*types.IncorrectKeyException](err); !ok {
		t.Errorf("the other key: got %v", err)
	}
	about, err := client.DescribeKey(t.Context(), &awskms.DescribeKeyInput{KeyId: &two})
	if err != nil {
		t.Fatal(err)
	}
	if *about.KeyMetadata.Arn != two || !about.KeyMetadata.Enabled || !strings.HasSuffix(two, "/"+*about.KeyMetadata.KeyId) {
		t.Errorf("described as %+v", about.KeyMetadata)
	}
}

func TestWrongInputIsRefused(t *testing.T) {
	t.Parallel()
	s, client := open(t, "")
	arn := key(t, s, "one")
	_, large := client.Encrypt(t.Context(), &awskms.EncryptInput{KeyId: &arn, Plaintext: make([]byte, 4097)})
	_, unknown := client.Encrypt(t.Context(), &awskms.EncryptInput{KeyId: new(arn + "0"), Plaintext: []byte("x")})
	_, spec := client.GenerateDataKey(t.Context(), &awskms.GenerateDataKeyInput{KeyId: &arn})
	for want, err := range map[string]error{"ValidationException": large, "NotFoundException": unknown} {
		if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if spec == nil {
		t.Error("a data key of no size was made")
	}
}

func TestDamagedStateIsReported(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "keys.json")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := kms.New(kms.Options{Dir: dir}); err == nil || !strings.HasPrefix(err.Error(), path+" is damaged") {
		t.Errorf("got %v", err)
	}
}
