// Package kms is the local cloud's Key Management Service: symmetric keys that
// encrypt with AES-256-GCM, bound to an encryption context, for Encrypt,
// Decrypt, GenerateDataKey and DescribeKey.
//
// Key material lies in a file that only its owner can read. That keeps nothing
// secret from somebody who has the machine; it makes the product's use of KMS
// real.
package kms

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"coffer/scripts/local/awsjson"
	"coffer/scripts/local/statefile"
)

const (
	accountID = "000000000000"
	maxPlain  = 4096 // bytes that Encrypt takes
	idLength  = 36   // a UUID's text
	format    = 1    // first byte of what Encrypt returns
)

// Options says where keys live.
type Options struct {
	Dir    string // state; empty keeps keys in memory
	Region string // part of the keys' ARNs; us-east-1 if empty
}

// Server is the service, an http.Handler.
type Server struct {
	http.Handler
	path, region string

	mu   sync.Mutex
	keys map[string]*key // by id
}

type key struct {
	Name     string // what Key was asked for
	Material []byte
	Created  time.Time
}

// New opens the service's state.
func New(o Options) (*Server, error) {
	s := &Server{region: o.Region, keys: map[string]*key{}}
	if s.region == "" {
		s.region = "us-east-1"
	}
	if o.Dir != "" {
		s.path = filepath.Join(o.Dir, "keys.json")
		if err := statefile.Load(s.path, &s.keys); err != nil {
			return nil, err
		}
	}
	s.Handler = &awsjson.Handler{Version: "1.1", Target: "TrentService", Operations: map[string]awsjson.Operation{
		"Encrypt":         awsjson.Op(s.encrypt),
		"Decrypt":         awsjson.Op(s.decrypt),
		"GenerateDataKey": awsjson.Op(s.generateDataKey),
		"DescribeKey":     awsjson.Op(s.describeKey),
	}}
	return s, nil
}

// Close releases nothing: every change is on disk when it is answered.
func (*Server) Close() error { return nil }

// Key returns the ARN of the key with this name and makes the key first where
// there is none.
func (s *Server) Key(name string) (arn string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, k := range s.keys {
		if k.Name == name {
			return s.arn(id), nil
		}
	}
	k := &key{Name: name, Material: make([]byte, 32), Created: time.Now().UTC()}
	_, _ = rand.Read(k.Material) // never fails
	id := uuid.NewString()
	s.keys[id] = k
	if s.path != "" {
		if err := statefile.Save(s.path, s.keys); err != nil {
			delete(s.keys, id)
			return "", err
		}
	}
	return s.arn(id), nil
}

func (s *Server) arn(id string) string {
	return "arn:aws:kms:" + s.region + ":" + accountID + ":key/" + id
}

// find returns the key that a request names by id, ARN, or alias and name.
func (s *Server) find(ref string) (id string, k *key, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id = strings.TrimPrefix(ref, s.arn(""))
	if k, ok := s.keys[id]; ok {
		return id, k, nil
	}
	if name, ok := strings.CutPrefix(ref, "alias/"); ok {
		for id, k := range s.keys {
			if k.Name == name {
				return id, k, nil
			}
		}
	}
	return "", nil, awsjson.Errorf("NotFoundException", "Key '%s' does not exist", ref)
}

type encryptInput struct {
	KeyId             string
	Plaintext         []byte
	EncryptionContext map[string]string
}

type encryptOutput struct {
	KeyId               string
	CiphertextBlob      []byte
	EncryptionAlgorithm string `json:",omitempty"`
}

func (s *Server) encrypt(_ context.Context, in encryptInput) (encryptOutput, error) {
	if n := len(in.Plaintext); n == 0 || n > maxPlain {
		return encryptOutput{}, awsjson.Errorf("ValidationException", "Plaintext must have 1 to %d bytes, and has %d.", maxPlain, n)
	}
	id, k, err := s.find(in.KeyId)
	if err != nil {
		return encryptOutput{}, err
	}
	sealed, err := seal(id, k, in.Plaintext, in.EncryptionContext)
	return encryptOutput{KeyId: s.arn(id), CiphertextBlob: sealed, EncryptionAlgorithm: "SYMMETRIC_DEFAULT"}, err
}

type decryptInput struct {
	KeyId             string
	CiphertextBlob    []byte
	EncryptionContext map[string]string
}

type decryptOutput struct {
	KeyId               string
	Plaintext           []byte
	EncryptionAlgorithm string
}

func (s *Server) decrypt(_ context.Context, in decryptInput) (decryptOutput, error) {
	invalid := &awsjson.Error{Code: "InvalidCiphertextException"}
	blob := in.CiphertextBlob
	if len(blob) < 1+idLength || blob[0] != format {
		return decryptOutput{}, invalid
	}
	id := string(blob[1 : 1+idLength])
	_, k, err := s.find(id)
	if err != nil {
		return decryptOutput{}, invalid
	}
	if in.KeyId != "" {
		named, _, err := s.find(in.KeyId)
		if err != nil {
			return decryptOutput{}, err
		}
		if named != id {
			return decryptOutput{}, awsjson.Errorf("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")
		}
	}
	aead, err := k.aead()
	if err != nil {
		return decryptOutput{}, err
	}
	plain, err := aead.Open(nil, nil, blob[1+idLength:], bound(id, in.EncryptionContext))
	if err != nil {
		return decryptOutput{}, invalid
	}
	return decryptOutput{KeyId: s.arn(id), Plaintext: plain, EncryptionAlgorithm: "SYMMETRIC_DEFAULT"}, nil
}

type dataKeyInput struct {
	KeyId             string
	KeySpec           string
	NumberOfBytes     int
	EncryptionContext map[string]string
}

type dataKeyOutput struct {
	encryptOutput
	Plaintext []byte
}

func (s *Server) generateDataKey(ctx context.Context, in dataKeyInput) (dataKeyOutput, error) {
	n := in.NumberOfBytes
	switch {
	case in.KeySpec == "AES_256" && n == 0:
		n = 32
	case in.KeySpec == "AES_128" && n == 0:
		n = 16
	case in.KeySpec != "" || n < 1 || n > 1024:
		return dataKeyOutput{}, awsjson.Errorf("ValidationException", "Please specify either number of bytes or key spec.")
	}
	plain := make([]byte, n)
	_, _ = rand.Read(plain) // never fails
	sealed, err := s.encrypt(ctx, encryptInput{in.KeyId, plain, in.EncryptionContext})
	sealed.EncryptionAlgorithm = "" // this operation does not name it
	return dataKeyOutput{sealed, plain}, err
}

type describeKeyInput struct{ KeyId string }

type describeKeyOutput struct{ KeyMetadata keyMetadata }

type keyMetadata struct {
	AWSAccountId, KeyId, Arn, Description           string
	CreationDate                                    float64 // Unix seconds
	Enabled, MultiRegion                            bool
	KeyManager, KeySpec, KeyState, KeyUsage, Origin string
	EncryptionAlgorithms                            []string
}

func (s *Server) describeKey(_ context.Context, in describeKeyInput) (describeKeyOutput, error) {
	id, k, err := s.find(in.KeyId)
	if err != nil {
		return describeKeyOutput{}, err
	}
	return describeKeyOutput{keyMetadata{
		AWSAccountId: accountID, KeyId: id, Arn: s.arn(id), Description: k.Name,
		CreationDate: float64(k.Created.UnixMilli()) / 1000,
		Enabled:      true, KeyManager: "CUSTOMER", KeySpec: "SYMMETRIC_DEFAULT", KeyState: "Enabled",
		KeyUsage: "ENCRYPT_DECRYPT", Origin: "AWS_KMS", EncryptionAlgorithms: []string{"SYMMETRIC_DEFAULT"},
	}}, nil
}

// seal returns format, key id and ciphertext, which begins with its nonce.
func seal(id string, k *key, plain []byte, context map[string]string) ([]byte, error) {
	aead, err := k.aead()
	if err != nil {
		return nil, err
	}
	head := append([]byte{format}, id...)
	return aead.Seal(head, nil, plain, bound(id, context)), nil
}

func (k *key) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.Material)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// bound is what a ciphertext is authenticated with; JSON orders a map's keys.
func bound(id string, context map[string]string) []byte {
	if len(context) == 0 {
		context = nil // none and an empty one are the same
	}
	b, _ := json.Marshal([]any{id, context}) // strings always encode
	return b
}
