package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"coffer/shared/vault"
)

// listPeople lists when who was in the enterprise was stored.
func (s *source) listPeople(ctx context.Context, p *printer) error {
	names, err := s.Vault.ListPeople(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		at, err := time.Parse(vault.PeopleLayout, name)
		if err != nil {
			return fmt.Errorf("the vault has a list of people called %q", name)
		}
		if err := p.print(struct {
			List string    `json:"list"`
			From time.Time `json:"from"`
		}{name, at}, "%s  from %s\n", name, day(at)); err != nil {
			return err
		}
	}
	return nil
}

// extractPeople writes a list, or the latest, to a new file.
func (s *source) extractPeople(ctx context.Context, p *printer, name, to string) (err error) {
	if name == "latest" {
		names, err := s.Vault.ListPeople(ctx)
		if err != nil {
			return err
		}
		if len(names) == 0 {
			return errors.New("the vault has no list of people")
		}
		name = names[len(names)-1]
	}
	if _, err := time.Parse(vault.PeopleLayout, name); err != nil {
		return fmt.Errorf("%q is no list of people: say latest, or a name that people lists", name)
	}
	f, err := os.OpenFile(filepath.Clean(to), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("extract the list of people: %w", err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := s.Vault.GetPeople(ctx, name, f); err != nil {
		return err
	}
	return p.print(struct {
		List string `json:"list"`
		File string `json:"file"`
	}{name, f.Name()}, "The list of people from %s is in %s.\n", name, f.Name())
}
