package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
	"coffer/shared/catalog"
	"coffer/shared/vault"
)

// readers is how many contents are read at once.
const readers = 4

const (
	filesFolder  = "files"
	manifestFile = "manifest.jsonl"
)

// extraction is what is to be extracted, and where to.
type extraction struct {
	user, snapshot, path, to string
	windows                  bool
}

// totals end the manifest.
type totals struct {
	BoxUser  backup.BoxUserID  `json:"boxUser"`
	Snapshot backup.SnapshotID `json:"snapshot"`
	Folders  int64             `json:"folders"`
	Files    int64             `json:"files"`
	WebLinks int64             `json:"webLinks"`
	Bytes    int64             `json:"bytes"`
	Lacking  int64             `json:"lacking"` // files that the snapshot has no content of
	Failed   int64             `json:"failed"`  // files that could not be read and were left out
	Damaged  int64             `json:"damaged"` // those of them of which what is stored is missing or damaged
}

// extract writes the files below a path into the folder files of a new folder,
// and beside it a manifest with a line for each item. Web links become .url
// files. A file that cannot be read is left out; the others follow all the same.
// What is damaged is told apart from what the folder or bucket did not let us read.
func (s *source) extract(ctx context.Context, p *printer, e extraction) error {
	at, err := s.find(ctx, e.user, e.snapshot, e.path)
	if err != nil {
		return err
	}
	defer at.done()
	root, err := newFolder(e.to)
	if err != nil {
		return err
	}
	defer root.Close() // its files are closed
	manifest, err := root.OpenFile(manifestFile, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	out := bufio.NewWriter(manifest)
	x := &extractor{
		source: s, at: at, root: root, windows: e.windows, manifest: json.NewEncoder(out),
		folders: map[string]folder{}, total: totals{BoxUser: at.user.ID, Snapshot: at.shot.ID},
	}
	err = x.run(ctx)
	if err == nil {
		err = x.manifest.Encode(x.total)
	}
	if err = errors.Join(err, out.Flush(), manifest.Close()); err != nil {
		return err
	}
	t := x.total
	err = p.print(t, "%d files of %d bytes, %d folders and %d web links are in %s; %s has their SHA-1s. %d files are not in the snapshot.\n",
		t.Files, t.Bytes, t.Folders, t.WebLinks, path.Join(e.to, filesFolder), manifestFile, t.Lacking)
	switch {
	case err != nil || t.Failed == 0:
		return err
	case t.Damaged == 0:
		return fmt.Errorf("%d files could not be read and were left out, though nothing was found damaged; %s says why", t.Failed, manifestFile)
	}
	return damagedError(fmt.Sprintf("%d files were left out, of which %d are damaged; %s names them", t.Failed, t.Damaged, manifestFile))
}

// newFolder makes a folder. One that is there must be empty.
func newFolder(dir string) (*os.Root, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("extract to %s: %w", dir, err)
	}
	switch entries, err := os.ReadDir(dir); {
	case err != nil:
		return nil, fmt.Errorf("extract to %s: %w", dir, err)
	case len(entries) > 0:
		return nil, fmt.Errorf("extract to %s: the folder is not empty", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("extract to %s: %w", dir, err)
	}
	return root, root.Mkdir(filesFolder, 0o700)
}

type extractor struct {
	*source
	at      *place
	root    *os.Root
	windows bool
	folders map[string]folder // by Box's id

	mu       sync.Mutex
	manifest *json.Encoder
	total    totals
}

// folder is a folder that was made.
type folder struct {
	file string // where, in root
	path string // as the snapshot has it
}

func (x *extractor) run(ctx context.Context) error {
	above := folder{file: filesFolder, path: path.Dir(x.at.path)}
	if x.at.path == "/" {
		x.folders[backup.RootFolder] = folder{file: filesFolder, path: "/"}
	}
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	err := x.at.catalog.Walk(gctx, x.at.held, x.at.item, func(it catalog.Item) error {
		in, known := x.folders[it.Parent]
		if !known {
			in = above // the item that was asked for
		}
		e := entryOf(it, strings.TrimSuffix(in.path, "/")+"/"+it.Name)
		switch {
		case it.Kind == backup.Folder && it.State != catalog.Reference:
			file, err := x.vacant(in.file, it.Name, func(name string) error { return x.root.Mkdir(name, 0o700) })
			if err != nil {
				return err
			}
			e.File = file
			x.folders[it.ID] = folder{file: file, path: e.Path}
		case it.State == catalog.Reference || it.State == catalog.Absent:
		default:
			return x.file(gctx, group, in.file, it, e)
		}
		return x.note(e)
	})
	return errors.Join(err, group.Wait())
}

// vacant makes something under the first name that is free in a folder.
func (x *extractor) vacant(dir, name string, create func(string) error) (string, error) {
	name = fileName(name, x.windows)
	for n := 1; n <= maxTries; n++ {
		file := path.Join(dir, other(name, n))
		if err := create(file); !errors.Is(err, fs.ErrExist) {
			return file, err
		}
	}
	return "", fmt.Errorf("%d names like %q are taken", maxTries, name)
}

// file makes the file of an item, and has it filled meanwhile.
func (x *extractor) file(ctx context.Context, group *errgroup.Group, dir string, it catalog.Item, e entry) error {
	name := it.Name
	if it.Kind == backup.WebLink {
		name += ".url"
	}
	var out *os.File
	file, err := x.vacant(dir, name, func(file string) (err error) {
		out, err = x.root.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		return err
	})
	if err != nil {
		return err
	}
	group.Go(func() error {
		unread, err := x.fill(ctx, out, it)
		if err = errors.Join(err, out.Close()); err == nil && unread == nil {
			e.File = file
			if at := it.ContentModifiedAt; !at.IsZero() {
				err = x.root.Chtimes(file, time.Time{}, at)
			}
		} else {
			err = errors.Join(err, x.root.Remove(file))
		}
		if unread != nil {
			e.Error = unread.Error()
			e.Damaged = errors.Is(unread, vault.ErrDamaged) || backup.KindOf(unread) == backup.NotFound // its row is missing
		}
		return errors.Join(err, x.note(e))
	})
	return nil
}

// fill writes an item's bytes. What is wrong with reading the stored content is
// told apart from what is wrong with writing.
func (x *extractor) fill(ctx context.Context, out io.Writer, it catalog.Item) (unread, err error) {
	if it.Kind == backup.WebLink {
		url := strings.Map(func(r rune) rune {
			if r < ' ' {
				return -1
			}
			return r
		}, it.URL)
		_, err := fmt.Fprintf(out, "[InternetShortcut]\r\nURL=%s\r\n", url)
		return nil, err
	}
	in, err := x.Vault.Read(ctx, it.Content)
	if err != nil {
		return err, ctx.Err()
	}
	source := &watched{Reader: in}
	_, err = io.Copy(out, source)
	if source.err != nil {
		return errors.Join(source.err, in.Close()), ctx.Err()
	}
	return nil, errors.Join(err, in.Close())
}

// watched remembers the error that reading ended with.
type watched struct {
	io.Reader
	err error
}

// Read implements io.Reader.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// note adds a line to the manifest.
func (x *extractor) note(e entry) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case e.Error != "":
		x.total.Failed++
		if e.Damaged {
			x.total.Damaged++
		}
	case e.File == "":
		x.total.Lacking++
	case e.Kind == backup.Folder:
		x.total.Folders++
	case e.Kind == backup.WebLink:
		x.total.WebLinks++
	default:
		x.total.Files++
		x.total.Bytes += e.Size
	}
	return x.manifest.Encode(e)
}
