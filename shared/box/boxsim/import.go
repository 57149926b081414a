package boxsim

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"coffer/shared/backup"
)

// Import copies a tree of real files into a user's folder and returns how many
// files it took. Names that Box would refuse and what is neither a file nor a
// folder are left out.
func (s *Sim) Import(as backup.BoxUserID, parent string, tree fs.FS) (files int, err error) {
	folders := map[string]string{".": parent}
	err = fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == ".":
			return nil
		case checkName(entry.Name()) != nil:
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			folders[name], err = s.CreateFolder(as, folders[path.Dir(name)], entry.Name())
			if taken(err) {
				return fs.SkipDir
			}
		case entry.Type().IsRegular():
			if err = s.importFile(as, folders[path.Dir(name)], tree, name); taken(err) {
				return nil
			}
			files++
		}
		return err
	})
	if err != nil {
		return files, fmt.Errorf("import: %w", err)
	}
	return files, nil
}

// taken reports whether only its case tells a name from one in the folder.
func taken(err error) bool {
	f, ok := errors.AsType[*failure](err)
	return ok && f.Code == "item_name_in_use"
}

func (s *Sim) importFile(as backup.BoxUserID, parent string, tree fs.FS, name string) error {
	file, err := tree.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	sum, size, err := s.contents.put(file)
	if err != nil {
		return err
	}
	modified := info.ModTime().UTC().Truncate(time.Second)
	_, err = s.create(as, parent, path.Base(name), content{SHA1: sum, Size: size, Created: modified, Modified: modified})
	return err
}
