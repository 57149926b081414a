package vault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"coffer/shared/vault"
)

func TestMarksAndPeopleComeBackOrAreDamaged_I5(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	for prefix, kind := range map[string]struct {
		put func(context.Context, string, io.Reader) error
		get func(context.Context, string, io.Writer) error
	}{testID.Marks(): {k.PutMark, k.GetMark}, testID.People(): {k.PutPeople, k.GetPeople}} {
		t.Run(prefix, func(t *testing.T) { comeBack(t, filepath.Join(k.dir, prefix), kind.put, kind.get) })
	}
	if err := k.GetPeople(t.Context(), "../../../marks/acme/files/p/00", io.Discard); err == nil {
		t.Error("a mark passes for a list of people")
	}
}

func comeBack(t *testing.T, dir string, put func(context.Context, string, io.Reader) error, get func(context.Context, string, io.Writer) error) {
	for name, notes := range map[string][]byte{"p/00": noise(1, 28*1000), "p/01": nil} {
		check(t, put(t.Context(), name, bytes.NewReader(notes)))
		var got bytes.Buffer
		check(t, get(t.Context(), name, &got))
		if !bytes.Equal(got.Bytes(), notes) {
			t.Errorf("mark %s has %d bytes, want %d", name, got.Len(), len(notes))
		}
	}
	if err := get(t.Context(), "p/02", io.Discard); !errors.Is(err, vault.ErrDamaged) {
		t.Errorf("missing: %v", err)
	}
	folder := filepath.Join(dir, "p")
	stored, err := os.ReadFile(filepath.Join(folder, "00"))
	check(t, err)
	for name, b := range map[string][]byte{
		"cut off in the key": stored[:50],
		"cut off":            stored[:len(stored)-1],
		"empty":              {},
	} {
		check(t, os.WriteFile(filepath.Join(folder, "00"), b, 0o600))
		if err := get(t.Context(), "p/00", io.Discard); !errors.Is(err, vault.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	check(t, os.WriteFile(filepath.Join(folder, "01"), stored, 0o600))
	if err := get(t.Context(), "p/01", io.Discard); !errors.Is(err, vault.ErrDamaged) {
		t.Errorf("another's name: %v", err)
	}
	for i := 0; i < len(stored); i += 97 {
		changed := bytes.Clone(stored)
		changed[i] ^= 4
		check(t, os.WriteFile(filepath.Join(folder, "00"), changed, 0o600))
		if err := get(t.Context(), "p/00", io.Discard); !errors.Is(err, vault.ErrDamaged) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
}
