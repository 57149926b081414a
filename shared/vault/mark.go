package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// sealedKey is the length of a wrapped key: a nonce, the key and a tag.
const sealedKey = 12 + keySize + 16

// Marks returns the prefix of what a sweep has noted until it goes on.
func (id ID) Marks() string { return "marks/" + string(id.Account) + "/" + string(id.Task) + "/" }

func (id ID) bindMarkKey(object string) []byte {
	return bind("coffer 1 mark key", string(id.Account), string(id.Task), object)
}

// PutMark stores notes of a sweep, compressed and encrypted with a key of their
// own. The name must be new.
func (v *Vault) PutMark(ctx context.Context, name string, src io.Reader) error {
	object, err := v.newScratch()
	if err != nil {
		return err
	}
	defer object.close()
	at, key := v.id.Marks()+name, newKey()
	if _, err = object.Write(seal(v.markKeys, key, v.id.bindMarkKey(at))); err == nil {
		_, err = v.encryptFrame(object, key, bind("coffer 1 mark", at), src)
	}
	if err == nil {
		err = object.put(ctx, v.objects, at)
	}
	if err != nil {
		return fmt.Errorf("mark %s: %w", name, err)
	}
	return nil
}

// GetMark writes those notes to w. The error matches ErrDamaged where they are
// missing or not what was stored.
func (v *Vault) GetMark(ctx context.Context, name string, w io.Writer) (err error) {
	at := v.id.Marks() + name
	defer func() {
		if err != nil {
			err = fmt.Errorf("mark %s: %w", name, err)
		}
	}()
	body, err := v.open(ctx, at, 0, -1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	var sealed [sealedKey]byte
	if _, err := io.ReadFull(body, sealed[:]); err != nil {
		return body.explain(err)
	}
	key, err := unseal(v.markKeys, sealed[:], v.id.bindMarkKey(at))
	if err != nil {
		return fmt.Errorf("key: %w", ErrDamaged)
	}
	plain, err := v.decryptFrame(body, key, bind("coffer 1 mark", at))
	if err != nil {
		return body.explain(err)
	}
	defer plain.Close() // only gives the decoder back
	source := &tracked{ReadCloser: plain}
	_, err = io.Copy(w, source)
	if source.err != nil {
		return body.explain(source.err)
	}
	return err
}
