package vault

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"coffer/shared/backup"
)

// Sealed says where a catalog is and how to open it. It is kept, as JSON, in
// the Box user's row; whoever deletes it there erases the catalog.
type Sealed struct {
	Format int    `json:"format"`
	Object string `json:"object"`
	Key    []byte `json:"key"` // the catalog key, wrapped
	Size   int64  `json:"size"`
	SHA256 []byte `json:"sha256"` // of the plain bytes
	Stored int64  `json:"stored"` // size of the object
	// Patches are what later states had different, each from the one before. The
	// other fields are the base's then.
	Patches []Patch `json:"patches,omitempty"`
}

func (id ID) bindCatalogKey(s Sealed) []byte {
	return bind("coffer 1 catalog key", string(id.Account), string(id.Task), s.Object,
		strconv.FormatInt(s.Size, 10), fmt.Sprintf("%x", s.SHA256))
}

// PutCatalog stores a generation of a Box user's catalog, compressed and
// encrypted with a key of its own. The generation's name must be new.
func (v *Vault) PutCatalog(ctx context.Context, user backup.BoxUserID, generation string, src io.Reader) (Sealed, error) {
	object, err := v.newScratch()
	if err != nil {
		return Sealed{}, err
	}
	defer object.close()
	s := Sealed{Format: Format, Object: v.id.Catalogs() + string(user) + "/" + generation}
	key, sum := newKey(), sha256.New()
	if s.Size, err = v.encryptFrame(object, key, bind("coffer 1 catalog", s.Object), io.TeeReader(src, sum)); err != nil {
		return Sealed{}, fmt.Errorf("catalog of Box user %s: %w", user, err)
	}
	s.SHA256, s.Stored = sum.Sum(nil), object.size
	if err := object.put(ctx, v.objects, s.Object); err != nil {
		return Sealed{}, fmt.Errorf("catalog of Box user %s: %w", user, err)
	}
	s.Key = seal(v.catalogKeys, key, v.id.bindCatalogKey(s))
	return s, nil
}

// encryptFrame writes the encryption of src's zstd frame and returns how many
// bytes src had.
func (v *Vault) encryptFrame(w io.Writer, key, bound []byte, src io.Reader) (int64, error) {
	aead, err := stream(key)
	if err != nil {
		return 0, err
	}
	sealed, err := aead.NewEncryptingWriter(w, bound)
	if err != nil {
		return 0, err
	}
	enc := v.encoder()
	defer v.encoders.Put(enc)
	n, err := compress(enc, sealed, src)
	if err != nil {
		return n, err
	}
	return n, sealed.Close()
}

// ObjectError is an error about one of the objects that a catalog consists of.
type ObjectError struct {
	Object string
	Err    error
}

// Error is the error's own.
func (e *ObjectError) Error() string { return e.Err.Error() }

// Unwrap returns the error itself.
func (e *ObjectError) Unwrap() error { return e.Err }

// GetCatalog writes the catalog to a new file. The error matches ErrDamaged where
// what is stored is not what was, and is an ObjectError where it is known what of
// it; the file has then got a part of it.
func (v *Vault) GetCatalog(ctx context.Context, s Sealed, f *os.File) error {
	if s.Format != Format && s.Format != patchedFormat {
		return fmt.Errorf("catalog %s is stored in format %d, which is not known", s.Object, s.Format)
	}
	if err := v.getBase(ctx, s, f); err != nil {
		return &ObjectError{s.Object, err}
	}
	if len(s.Patches) == 0 {
		return nil
	}
	return v.patched(ctx, s, f)
}

// getBase writes the catalog without its patches to w.
func (v *Vault) getBase(ctx context.Context, s Sealed, w io.Writer) (err error) {
	key, err := unseal(v.catalogKeys, s.Key, v.id.bindCatalogKey(s))
	if err != nil {
		return fmt.Errorf("key of catalog %s: %w", s.Object, ErrDamaged)
	}
	body, err := v.open(ctx, s.Object, 0, -1)
	if err != nil {
		return fmt.Errorf("catalog %s: %w", s.Object, err)
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	plain, err := v.decryptFrame(body, key, bind("coffer 1 catalog", s.Object))
	if err != nil {
		return fmt.Errorf("catalog %s: %w", s.Object, body.explain(err))
	}
	defer plain.Close() // only gives the decoder back
	sum := sha256.New()
	source := &tracked{ReadCloser: plain}
	n, err := io.Copy(io.MultiWriter(w, sum), source)
	switch {
	case source.err != nil:
		return fmt.Errorf("catalog %s: %w", s.Object, body.explain(source.err))
	case err != nil:
		return err // w's
	case n != s.Size || string(sum.Sum(nil)) != string(s.SHA256):
		return fmt.Errorf("catalog %s: %w", s.Object, ErrDamaged)
	}
	return nil
}

func (v *Vault) decryptFrame(body io.Reader, key, bound []byte) (io.ReadCloser, error) {
	aead, err := stream(key)
	if err != nil {
		return nil, err
	}
	frame, err := aead.NewDecryptingReader(body, bound)
	if err != nil {
		return nil, err
	}
	return v.decompress(frame)
}
