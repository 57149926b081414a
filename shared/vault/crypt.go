package vault

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/klauspost/compress/zstd"
	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"

	"coffer/shared/backup"
)

const (
	keySize     = 32
	segmentSize = 64 << 10
	sampleSize  = 64 << 10
	maxWindow   = 8 << 20 // of zstd frames; memory of the reader
)

// The first byte of a section says how the rest is written.
const (
	plainBytes = 0
	zstdFrame  = 1
)

// bind joins strings so that no two lists of them give the same bytes.
func bind(fields ...string) []byte {
	var b []byte
	for _, f := range fields {
		b = binary.BigEndian.AppendUint32(b, uint32(len(f))) // #nosec G115 -- names are short
		b = append(b, f...)
	}
	return b
}

func (id ID) bindContentKey(c backup.Content, crc uint32) []byte {
	return bind("coffer 1 content key", string(id.Account), string(id.Task), c.SHA1.String(),
		strconv.FormatInt(c.Size, 10), strconv.FormatUint(uint64(crc), 10))
}

func (id ID) bindSection(c backup.Content, part int) []byte {
	return bind("coffer 1 section", string(id.Account), string(id.Task), c.SHA1.String(),
		strconv.FormatInt(c.Size, 10), strconv.Itoa(part))
}

// wrappingKey derives the AES-GCM key for info. It chooses its nonces itself
// and puts them before the ciphertext; 2³² wraps with one key are safe.
func wrappingKey(vaultKey []byte, info string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, vaultKey, nil, info, keySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func seal(key cipher.AEAD, plain, bound []byte) []byte {
	return key.Seal(nil, nil, plain, bound) // #nosec G407 -- a wrapping key draws its nonces itself
}

func unseal(key cipher.AEAD, sealed, bound []byte) ([]byte, error) {
	return key.Open(nil, nil, sealed, bound)
}

func newKey() []byte {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	return key
}

func stream(key []byte) (*subtle.AESGCMHKDF, error) {
	if len(key) != keySize {
		return nil, errors.New("a key has the wrong length")
	}
	return subtle.NewAESGCMHKDF(key, "SHA256", keySize, segmentSize, 0)
}

// encrypt writes the section that holds all of src to w. It compresses where a
// sample from the beginning says that this is worth it.
func (v *Vault) encrypt(w io.Writer, key, bound []byte, src io.Reader) error {
	aead, err := stream(key)
	if err != nil {
		return err
	}
	sealed, err := aead.NewEncryptingWriter(w, bound)
	if err != nil {
		return err
	}
	enc := v.encoder()
	defer v.encoders.Put(enc)
	sampled := bufio.NewReaderSize(src, sampleSize)
	sample, _ := sampled.Peek(sampleSize) // an error comes again on reading
	if !shrinks(enc, sample) {
		if _, err := sealed.Write([]byte{plainBytes}); err != nil {
			return err
		}
		if _, err := sampled.WriteTo(sealed); err != nil {
			return err
		}
		return sealed.Close()
	}
	if _, err := sealed.Write([]byte{zstdFrame}); err != nil {
		return err
	}
	if _, err := compress(enc, sealed, sampled); err != nil {
		return err
	}
	return sealed.Close()
}

// shrinks reports whether zstd makes the sample at least a twentieth smaller.
func shrinks(enc *zstd.Encoder, sample []byte) bool {
	return len(sample) >= 64 && len(enc.EncodeAll(sample, nil)) <= len(sample)-len(sample)/20
}

// compress writes src as one frame and returns how many bytes src had.
func compress(enc *zstd.Encoder, w io.Writer, src io.Reader) (int64, error) {
	enc.Reset(w)
	defer enc.Reset(nil)
	n, err := enc.ReadFrom(src)
	if err != nil {
		return n, err
	}
	return n, enc.Close()
}

// decrypt returns a reader of the part in a section, to be closed. A reader
// that ends without an error has seen and checked the whole section.
func (v *Vault) decrypt(section io.Reader, key, bound []byte) (io.ReadCloser, error) {
	aead, err := stream(key)
	if err != nil {
		return nil, err
	}
	plain, err := aead.NewDecryptingReader(section, bound)
	if err != nil {
		return nil, err
	}
	var how [1]byte
	if _, err := io.ReadFull(plain, how[:]); err != nil {
		return nil, err
	}
	switch how[0] {
	case plainBytes:
		return io.NopCloser(plain), nil
	case zstdFrame:
		return v.decompress(plain)
	default:
		return nil, fmt.Errorf("section of unknown kind %d", how[0])
	}
}

func (v *Vault) decompress(frame io.Reader) (io.ReadCloser, error) {
	dec := v.decoder()
	if err := dec.Reset(frame); err != nil {
		v.decoders.Put(dec)
		return nil, err
	}
	return &decompressor{Decoder: dec, v: v}, nil
}

type decompressor struct {
	*zstd.Decoder
	v *Vault
}

func (d *decompressor) Close() error {
	if d.Decoder != nil {
		if d.Reset(nil) == nil {
			d.v.decoders.Put(d.Decoder)
		}
		d.Decoder = nil
	}
	return nil
}

// encoder and decoder return one from the pool. They work in the caller's
// goroutine only, so that memory is bounded by the number of callers.
func (v *Vault) encoder() *zstd.Encoder {
	if enc, ok := v.encoders.Get().(*zstd.Encoder); ok {
		return enc
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20),
		zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(err) // the options are constants
	}
	return enc
}

func (v *Vault) decoder() *zstd.Decoder {
	if dec, ok := v.decoders.Get().(*zstd.Decoder); ok {
		return dec
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		panic(err) // the options are constants
	}
	return dec
}
