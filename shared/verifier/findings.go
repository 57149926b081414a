package verifier

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"coffer/shared/backup"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// findings is the damage found so far.
type findings struct {
	*Backup
	all map[string]*damage           // by kind and name
	by  map[backup.Content][]*damage // of which contents are lost
}

type damage struct {
	Damage
	touched map[backup.BoxUserID]*touched
}

type touched struct {
	login     string
	snapshots map[backup.SnapshotID]bool
	files     map[string]bool
}

func (b *Backup) findings() *findings {
	return &findings{Backup: b, all: map[string]*damage{}, by: map[backup.Content][]*damage{}}
}

// damage returns the damage of that kind and name, with the first reason that
// was found for it.
func (f *findings) damage(kind Kind, name string, reason error) *damage {
	key := string(kind) + " " + name
	if f.all[key] == nil {
		text := strings.TrimSuffix(reason.Error(), ": "+vault.ErrDamaged.Error())
		f.all[key] = &damage{Damage: Damage{Kind: kind, Name: name, Reason: text}, touched: map[backup.BoxUserID]*touched{}}
	}
	return f.all[key]
}

// unreadable returns the damage of a catalog: of that of its objects that the reason
// is about.
func (f *findings) unreadable(sealed vault.Sealed, reason error) *damage {
	name := sealed.Object
	if at, ok := errors.AsType[*vault.ObjectError](reason); ok {
		name = at.Object
	}
	return f.damage(Catalog, name, reason)
}

// add notes what the vault has found.
func (f *findings) add(found []vault.Damage) {
	for _, d := range found {
		switch {
		case d.People != "":
			f.damage(People, f.Vault.ID().People()+d.People, d.Err)
		case d.Pack == "":
			f.affect(d.Content, f.damage(Content, d.Content.String(), d.Err))
		case d.Content == backup.Content{}:
			f.damage(Pack, f.Vault.ID().Packs()+d.Pack, d.Err)
		default:
			f.affect(d.Content, f.damage(Pack, f.Vault.ID().Packs()+d.Pack, d.Err))
		}
	}
}

// affect notes that a content is lost by d.
func (f *findings) affect(c backup.Content, d *damage) {
	for _, known := range f.by[c] {
		if known == d {
			return
		}
	}
	f.by[c] = append(f.by[c], d)
}

func (f *findings) affected(c backup.Content) bool { return len(f.by[c]) > 0 }

func (d *damage) touch(u task.BoxUser) *touched {
	if d.touched[u.ID] == nil {
		d.touched[u.ID] = &touched{login: u.Login, snapshots: map[backup.SnapshotID]bool{}, files: map[string]bool{}}
	}
	return d.touched[u.ID]
}

func (f *findings) damages() []Damage {
	list := make([]Damage, 0, len(f.all))
	for key := range sortedKeys(f.all) {
		d := f.all[key]
		d.Touched = make([]Touched, 0, len(d.touched))
		for id := range sortedKeys(d.touched) {
			t := d.touched[id]
			d.Touched = append(d.Touched, Touched{BoxUser: id, Login: t.login, Snapshots: sorted(t.snapshots), Files: sorted(t.files)})
		}
		list = append(list, d.Damage)
	}
	return list
}

// untold returns the short names of what is damaged and was never told.
func (f *findings) untold(told task.Damages) (fresh []string) {
	for key := range sortedKeys(f.all) {
		sum := sha256.Sum256([]byte(key))
		name := base64.RawURLEncoding.EncodeToString(sum[:9])
		if !slices.Contains(told.Known, name) && !slices.Contains(told.Waiting, name) {
			fresh = append(fresh, name)
		}
	}
	return fresh
}
