package box

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" // #nosec G502 -- it opens keys that were sealed with it, and seals nothing
	"crypto/pbkdf2"
	"crypto/sha1" // #nosec G505 -- the same
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"hash"
)

// ErrPassphrase means that a passphrase does not open a private key.
var ErrPassphrase = errors.New("the passphrase does not open the private key")

// maxRounds bounds how long a key may have its passphrase worked on. Box's keys
// ask for 2,048, the most careful tools for some 600,000.
const maxRounds = 1_000_000

// sealedKey is an ENCRYPTED PRIVATE KEY (RFC 5958), and scheme, derivation and
// so on the parts of PBES2 (RFC 8018), the only scheme that is read.
type sealedKey struct {
	Scheme pkix.AlgorithmIdentifier
	Data   []byte
}

type scheme struct{ Derivation, Cipher pkix.AlgorithmIdentifier }

type derivation struct {
	Salt   []byte
	Rounds int
	Length int                      `asn1:"optional"`
	Hash   pkix.AlgorithmIdentifier `asn1:"optional"`
}

var (
	pbes2      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	pbkdf2With = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
)

// Locked reports whether the private key, in PEM, needs a passphrase.
func Locked(key string) bool {
	block, _ := pem.Decode([]byte(key))
	return block != nil && block.Type == "ENCRYPTED PRIVATE KEY"
}

// Unlock returns a private key, in PEM, without its passphrase: that is how Box
// hands out the key of an app. The error is ErrPassphrase where it is not the
// key's.
func Unlock(key, passphrase string) (string, error) {
	block, _ := pem.Decode([]byte(key))
	if block == nil {
		return "", errors.New("the private key is not in PEM form")
	}
	var sealed sealedKey
	if rest, err := asn1.Unmarshal(block.Bytes, &sealed); err != nil || len(rest) > 0 {
		return "", errors.New("the private key is not a PKCS #8 one with a passphrase")
	}
	plain, err := sealed.open(passphrase)
	if err != nil {
		return "", err
	}
	if _, err := x509.ParsePKCS8PrivateKey(plain); err != nil {
		return "", ErrPassphrase // its padding looked right by chance
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: plain})), nil
}

func (k *sealedKey) open(passphrase string) ([]byte, error) {
	unknown := errors.New("the private key has a passphrase of a kind that cannot be read")
	var s scheme
	var d derivation
	var iv []byte
	if !k.Scheme.Algorithm.Equal(pbes2) || !read(k.Scheme, &s) || !s.Derivation.Algorithm.Equal(pbkdf2With) || !read(s.Derivation, &d) ||
		!read(s.Cipher, &iv) || d.Rounds < 1 || d.Rounds > maxRounds {
		return nil, unknown
	}
	newHash, size, newCipher := hashOf(d.Hash.Algorithm), 0, aes.NewCipher
	switch s.Cipher.Algorithm.String() {
	case "1.2.840.113549.3.7":
		size, newCipher = 24, des.NewTripleDESCipher // #nosec G405 -- Box's keys are sealed with it
	case "2.16.840.1.101.3.4.1.2":
		size = 16
	case "2.16.840.1.101.3.4.1.22":
		size = 24
	case "2.16.840.1.101.3.4.1.42":
		size = 32
	}
	if newHash == nil || size == 0 {
		return nil, unknown
	}
	derived, err := pbkdf2.Key(newHash, passphrase, d.Salt, d.Rounds, size)
	if err != nil {
		return nil, err
	}
	block, err := newCipher(derived)
	if err != nil {
		return nil, err
	}
	if len(iv) != block.BlockSize() || len(k.Data) == 0 || len(k.Data)%block.BlockSize() != 0 {
		return nil, unknown
	}
	plain := make([]byte, len(k.Data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, k.Data)
	padding := int(plain[len(plain)-1])
	if padding < 1 || padding > block.BlockSize() {
		return nil, ErrPassphrase
	}
	return plain[:len(plain)-padding], nil
}

// read decodes the parameters of an algorithm.
func read(a pkix.AlgorithmIdentifier, into any) bool {
	rest, err := asn1.Unmarshal(a.Parameters.FullBytes, into)
	return err == nil && len(rest) == 0
}

// hashOf returns the hash that HMAC is made with, or nil. SHA-1 is the one that
// need not be named.
func hashOf(id asn1.ObjectIdentifier) func() hash.Hash {
	switch id.String() {
	case "", "1.2.840.113549.2.7":
		return sha1.New
	case "1.2.840.113549.2.9":
		return sha256.New
	case "1.2.840.113549.2.10":
		return sha512.New384
	case "1.2.840.113549.2.11":
		return sha512.New
	}
	return nil
}
