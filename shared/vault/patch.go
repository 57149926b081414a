package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"coffer/shared/backup"
)

// pageSize is the unit in which states of a catalog are compared: a page of its
// SQLite file.
const pageSize = 4096

// Patching says when a later state of a catalog is stored as what it has
// different.
type Patching struct {
	// From is the size in bytes from which on catalogs have patches. Smaller ones
	// are written in one go, and read in one.
	From int64
	// Most is how many patches a catalog may have, each of them a request of
	// every reader and a line in the Box user's row.
	Most int
	// Share is which part of the base's stored size they may have together.
	// Beyond that a new base is the better choice.
	Share float64
}

var usualPatching = Patching{From: 8 << 20, Most: 12, Share: 0.5}

// patchedFormat is the version of a Sealed that has patches.
const patchedFormat = 2

// Patch is what a later state of a catalog has different from the one before.
type Patch struct {
	Object string `json:"object"`
	Key    []byte `json:"key"`    // the patch's key, wrapped
	Size   int64  `json:"size"`   // of the catalog with it
	SHA256 []byte `json:"sha256"` // of the catalog with it
	Stored int64  `json:"stored"` // size of the object
}

// Objects returns the names of the objects that the catalog consists of.
func (s Sealed) Objects() []string {
	names := []string{s.Object}
	for _, p := range s.Patches {
		names = append(names, p.Object)
	}
	return names
}

// StoredSize returns how many bytes its objects have.
func (s Sealed) StoredSize() int64 {
	n := s.Stored
	for _, p := range s.Patches {
		n += p.Stored
	}
	return n
}

// last returns size and SHA-256 of the catalog with all its patches.
func (s Sealed) last() (size int64, sum []byte) {
	if n := len(s.Patches); n > 0 {
		return s.Patches[n-1].Size, s.Patches[n-1].SHA256
	}
	return s.Size, s.SHA256
}

// bindPatchKey binds a patch's key to its place: after that of the sum.
func (id ID) bindPatchKey(p Patch, before []byte) []byte {
	return bind("coffer 1 catalog patch key", string(id.Account), string(id.Task), p.Object,
		strconv.FormatInt(p.Size, 10), fmt.Sprintf("%x", p.SHA256), fmt.Sprintf("%x", before))
}

// pageSum is the beginning of the SHA-256 of a page.
type pageSum [16]byte

// Image is a stored catalog and what its pages are, by which a later state can
// be stored as a patch. The zero Image is of no catalog.
type Image struct {
	Sealed Sealed
	pages  []pageSum // none where the catalog is too small for patches
}

// paged sums up a catalog, page by page.
type paged struct {
	src   io.Reader
	page  []byte
	pages []pageSum
	whole [sha256.Size]byte
	size  int64
}

// each calls f, which may be nil, with every page and its number; only the last
// may be shorter than the others.
func (p *paged) each(f func(n int, page []byte) error) error {
	p.page = make([]byte, pageSize)
	whole := sha256.New()
	for {
		n, err := io.ReadFull(p.src, p.page)
		if n > 0 {
			page := p.page[:n]
			sum := sha256.Sum256(page)
			_, _ = whole.Write(page) // never fails
			p.pages, p.size = append(p.pages, pageSum(sum[:len(pageSum{})])), p.size+int64(n)
			if f != nil {
				if err := f(len(p.pages)-1, page); err != nil {
					return err
				}
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			whole.Sum(p.whole[:0])
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// PutImage stores a generation of a Box user's catalog whole, as PutCatalog
// does, and remembers what its pages are.
func (v *Vault) PutImage(ctx context.Context, user backup.BoxUserID, generation string, src io.Reader) (Image, error) {
	read, write := io.Pipe()
	p := paged{src: read}
	summed := make(chan error, 1)
	go func() {
		err := p.each(nil)
		_ = read.CloseWithError(err) // never fails
		summed <- err
	}()
	s, err := v.PutCatalog(ctx, user, generation, io.TeeReader(src, write))
	_ = write.CloseWithError(err) // never fails; without an error it is the end
	if sumErr := <-summed; err == nil {
		err = sumErr
	}
	if err != nil {
		return Image{}, err
	}
	return v.image(s, p.pages), nil
}

func (v *Vault) image(s Sealed, pages []pageSum) Image {
	if size, _ := s.last(); size < v.Patching.From {
		pages = nil
	}
	return Image{s, pages}
}

// errNoPatch says that a patch would be too large.
var errNoPatch = errors.New("a patch would be too large")

// PutPatch stores a later state of the catalog of an image as what it has
// different. Where storing it whole is the better choice it stores nothing and
// returns false.
func (v *Vault) PutPatch(ctx context.Context, user backup.BoxUserID, generation string, before Image, src io.Reader) (Image, bool, error) {
	s := before.Sealed
	room := int64(v.Patching.Share*float64(s.Stored)) - (s.StoredSize() - s.Stored)
	if len(before.pages) == 0 || len(s.Patches) >= v.Patching.Most || room <= 0 {
		return before, false, nil
	}
	object, err := v.newScratch()
	if err != nil {
		return before, false, err
	}
	defer object.close()
	read, write := io.Pipe()
	p := paged{src: src}
	compared := make(chan error, 1)
	go func() {
		record := make([]byte, 0, 4+pageSize)
		err := p.each(func(n int, page []byte) error {
			if n < len(before.pages) && before.pages[n] == p.pages[n] {
				return ctx.Err()
			}
			record = append(binary.BigEndian.AppendUint32(record[:0], uint32(n)), page...) // #nosec G115 -- catalogs are far below 16 TiB
			_, err := write.Write(record)
			return err
		})
		_ = write.CloseWithError(err) // never fails
		compared <- err
	}()
	patch := Patch{Object: v.id.Catalogs() + string(user) + "/" + generation}
	key := newKey()
	_, err = v.encryptFrame(bounded{object, room}, key, bind("coffer 1 catalog patch", patch.Object), read)
	_ = read.CloseWithError(err) // never fails
	err = errors.Join(err, <-compared)
	if errors.Is(err, errNoPatch) {
		return before, false, nil
	}
	if err != nil {
		return before, false, fmt.Errorf("catalog of Box user %s: %w", user, err)
	}
	if err := object.put(ctx, v.objects, patch.Object); err != nil {
		return before, false, fmt.Errorf("catalog of Box user %s: %w", user, err)
	}
	_, sum := s.last()
	patch.Size, patch.SHA256, patch.Stored = p.size, p.whole[:], object.size
	patch.Key = seal(v.catalogKeys, key, v.id.bindPatchKey(patch, sum))
	s.Format, s.Patches = patchedFormat, append(s.Patches[:len(s.Patches):len(s.Patches)], patch)
	return Image{s, p.pages}, true, nil
}

// bounded is an object that must not become too large.
type bounded struct {
	*scratch
	limit int64
}

func (b bounded) Write(p []byte) (int, error) {
	if b.size+int64(len(p)) > b.limit {
		return 0, errNoPatch
	}
	return b.scratch.Write(p)
}

// GetImage writes the catalog to a new file, as GetCatalog does, and returns its
// image.
func (v *Vault) GetImage(ctx context.Context, s Sealed, f *os.File) (Image, error) {
	if err := v.GetCatalog(ctx, s, f); err != nil {
		return Image{}, err
	}
	if size, _ := s.last(); size < v.Patching.From {
		return Image{Sealed: s}, nil
	}
	p := paged{src: io.NewSectionReader(f, 0, 1<<62)}
	if err := p.each(nil); err != nil {
		return Image{}, fmt.Errorf("catalog %s: %w", s.Object, err)
	}
	return v.image(s, p.pages), nil
}

// patched brings a base that was written to a file up to date.
func (v *Vault) patched(ctx context.Context, s Sealed, f *os.File) error {
	before := s.SHA256
	for _, p := range s.Patches {
		if err := v.apply(ctx, p, before, f); err != nil {
			return &ObjectError{p.Object, fmt.Errorf("catalog %s: %w", p.Object, err)}
		}
		before = p.SHA256
	}
	size, sum := s.last()
	if err := f.Truncate(size); err != nil {
		return err
	}
	whole := sha256.New()
	if _, err := io.Copy(whole, io.NewSectionReader(f, 0, size)); err != nil {
		return err
	}
	if !bytes.Equal(whole.Sum(nil), sum) {
		return fmt.Errorf("catalog %s: %w", s.Object, ErrDamaged)
	}
	return nil
}

// apply writes the pages of one patch to the file.
func (v *Vault) apply(ctx context.Context, p Patch, before []byte, f *os.File) (err error) {
	key, err := unseal(v.catalogKeys, p.Key, v.id.bindPatchKey(p, before))
	if err != nil {
		return fmt.Errorf("key: %w", ErrDamaged)
	}
	body, err := v.open(ctx, p.Object, 0, -1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	plain, err := v.decryptFrame(body, key, bind("coffer 1 catalog patch", p.Object))
	if err != nil {
		return body.explain(err)
	}
	defer plain.Close() // only gives the decoder back
	record := make([]byte, 4+pageSize)
	for {
		n, err := io.ReadFull(plain, record)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return body.explain(err)
		}
		if n <= 4 {
			return body.explain(io.ErrUnexpectedEOF)
		}
		if _, err := f.WriteAt(record[4:n], pageSize*int64(binary.BigEndian.Uint32(record))); err != nil {
			return err
		}
	}
}
