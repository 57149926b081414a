package vault

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// sealedKey is the length of a wrapped key: a nonce, the key and a tag.
const sealedKey = 12 + keySize + 16

// PeopleLayout is how the name of a list of people says from when on it holds, in
// UTC.
const PeopleLayout = "20060102T150405Z"

// Marks returns the prefix of what a sweep has noted until it goes on.
func (id ID) Marks() string { return "marks/" + string(id.Account) + "/" + string(id.Task) + "/" }

// People returns the prefix of the lists of who was in the Box enterprise.
func (id ID) People() string { return "people/" + string(id.Account) + "/" + string(id.Task) + "/" }

// PutMark stores notes of a sweep, compressed and encrypted with a key of their
// own. The name must be new.
func (v *Vault) PutMark(ctx context.Context, name string, src io.Reader) error {
	return v.putKeyed(ctx, v.marks(), name, src)
}

// GetMark writes those notes to w. The error matches ErrDamaged where they are
// missing or not what was stored.
func (v *Vault) GetMark(ctx context.Context, name string, w io.Writer) error {
	return v.getKeyed(ctx, v.marks(), name, w)
}

// PutPeople stores a list of who is in the Box enterprise, compressed and
// encrypted with a key of its own. The name must be new.
func (v *Vault) PutPeople(ctx context.Context, name string, src io.Reader) error {
	return v.putKeyed(ctx, v.people(), name, src)
}

// GetPeople writes such a list to w. The error matches ErrDamaged where it is
// missing or not what was stored.
func (v *Vault) GetPeople(ctx context.Context, name string, w io.Writer) error {
	return v.getKeyed(ctx, v.people(), name, w)
}

// ListPeople returns the names of those lists, oldest first.
func (v *Vault) ListPeople(ctx context.Context) ([]string, error) {
	var names []string
	err := v.objects.List(ctx, v.id.People(), func(key string, _ int64, _ time.Time) error {
		names = append(names, strings.TrimPrefix(key, v.id.People()))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("lists of people: %w", err)
	}
	slices.Sort(names)
	return names, nil
}

// keyed is a kind of objects that begin with their own key, wrapped.
type keyed struct {
	kind, prefix string
	keys         cipher.AEAD
}

func (v *Vault) marks() keyed  { return keyed{"mark", v.id.Marks(), v.markKeys} }
func (v *Vault) people() keyed { return keyed{"people", v.id.People(), v.peopleKeys} }

func (id ID) bindKey(kind, object string) []byte {
	return bind("coffer 1 "+kind+" key", string(id.Account), string(id.Task), object)
}

func (v *Vault) putKeyed(ctx context.Context, k keyed, name string, src io.Reader) error {
	object, err := v.newScratch()
	if err != nil {
		return err
	}
	defer object.close()
	at, key := k.prefix+name, newKey()
	if _, err = object.Write(seal(k.keys, key, v.id.bindKey(k.kind, at))); err == nil {
		_, err = v.encryptFrame(object, key, bind("coffer 1 "+k.kind, at), src)
	}
	if err == nil {
		err = object.put(ctx, v.objects, at)
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", k.kind, name, err)
	}
	return nil
}

func (v *Vault) getKeyed(ctx context.Context, k keyed, name string, w io.Writer) (err error) {
	at := k.prefix + name
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s %s: %w", k.kind, name, err)
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
	key, err := unseal(k.keys, sealed[:], v.id.bindKey(k.kind, at))
	if err != nil {
		return fmt.Errorf("key: %w", ErrDamaged)
	}
	plain, err := v.decryptFrame(body, key, bind("coffer 1 "+k.kind, at))
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
