package pruner_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"coffer/shared/backup"
	"coffer/shared/catalog"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// running is an invocation of a run, a step at a time.
type running struct {
	next func() (struct{}, bool)
	stop func()
}

// begin starts an invocation of a run.
func (w *world) begin() {
	next, stop := iter.Pull(w.backup(w.anyUser()))
	w.running = append(w.running, &running{next, stop})
}

// steps lets invocations go on.
func (w *world) steps(n int) {
	for ; n > 0 && len(w.running) > 0; n-- {
		i := w.rng.IntN(len(w.running))
		if _, more := w.running[i].next(); !more {
			w.running = slices.Delete(w.running, i, i+1)
		}
		w.at = w.at.Add(10 * time.Second)
	}
}

// finish lets all invocations end.
func (w *world) finish() {
	for len(w.running) > 0 {
		w.steps(1)
	}
}

// backup is an invocation of a run; it can be killed wherever it yields.
func (w *world) backup(u task.BoxUser) iter.Seq[struct{}] {
	return func(yield func(struct{}) bool) {
		step := func() bool { return yield(struct{}{}) }
		if u.RunID == "" {
			requested, err := w.taskRows.Request(w.ctx, u, time.Time{})
			if backup.KindOf(err) == backup.Conflict {
				return
			}
			check(w.T, err)
			u = requested
		}
		if !step() {
			return
		}
		w.names++
		u, err := w.taskRows.Lease(w.ctx, u.Message(), fmt.Sprint("owner", w.names))
		if backup.KindOf(err) == backup.Conflict || !step() {
			return
		}
		check(w.T, err)
		if u.Cancel {
			check(w.T, w.ended(w.taskRows.EndCancelled(w.ctx, u)))
			return
		}
		check(w.T, w.ended(w.run(u, step)))
	}
}

// ended makes a lost lease no error.
func (w *world) ended(err error) error {
	if backup.KindOf(err) == backup.Conflict {
		return nil
	}
	return err
}

func (w *world) run(u task.BoxUser, step func() bool) (err error) {
	w.names++
	dir := filepath.Join(w.dir, fmt.Sprint("run", w.names))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	pointer := u.Checkpoint
	if pointer == nil {
		pointer = u.Catalog
	}
	var c *catalog.Catalog
	if pointer == nil {
		c, err = catalog.Create(w.ctx, filepath.Join(dir, "catalog"))
	} else {
		c, err = w.fetch(pointer, filepath.Join(dir, "catalog"))
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	d, err := c.Draft(w.ctx, u.RunID, w.at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := w.change(d, u); err != nil || !step() {
		return err
	}
	wanted, err := d.Wanted(w.ctx, backup.Content{Size: -1}, 1000)
	if err != nil {
		return err
	}
	var contents []backup.Content
	for _, it := range wanted {
		contents = append(contents, it.Content)
	}
	missing, err := w.vault.Missing(w.ctx, contents)
	if err != nil || !step() {
		return err
	}
	writer := w.vault.Writer()
	for _, c := range missing {
		text := texts()[c]
		if err := writer.Add(w.ctx, c, strings.NewReader(text)); err != nil {
			return err
		}
	}
	if err := writer.Flush(w.ctx); err != nil || !step() {
		return err
	}
	if err := d.Stored(w.ctx, contents...); err != nil || !step() {
		return err
	}
	if w.rng.IntN(2) == 0 {
		pointer, err := w.upload(c, u, filepath.Join(dir, "checkpoint"))
		if err != nil || !step() {
			return err
		}
		if err := w.taskRows.SaveCheckpoint(w.ctx, u, pointer, task.Progress{}, true); err != nil || !step() || w.rng.IntN(4) == 0 {
			return err
		}
	}
	return w.seal(c, d, u, dir, step)
}

// texts are all contents there are, few enough that Box users share them.
var texts = sync.OnceValue(func() map[backup.Content]string {
	all := map[backup.Content]string{}
	for i := range 24 {
		s := strings.Repeat(fmt.Sprint("text ", i, " "), 1+i*20)
		all[contentOf(s)] = s
	}
	return all
})

// change puts and removes some files.
func (w *world) change(d *catalog.Draft, u task.BoxUser) error {
	sorted := slices.Sorted(maps.Values(texts()))
	if w.wish != "" {
		sorted = []string{w.wish}
		w.wish = ""
	}
	for range 1 + w.rng.IntN(4) {
		ref := backup.ItemRef{Kind: backup.File, ID: fmt.Sprint(1 + w.rng.IntN(6))}
		if w.rng.IntN(3) == 0 {
			if err := d.Remove(w.ctx, ref); err != nil {
				return err
			}
			continue
		}
		it := catalog.Item{ItemRef: ref, Parent: backup.RootFolder, Name: "file " + ref.ID, Content: contentOf(sorted[w.rng.IntN(len(sorted))])}
		if err := d.Put(w.ctx, it); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) seal(c *catalog.Catalog, d *catalog.Draft, u task.BoxUser, dir string, step func() bool) error {
	if _, err := d.Seal(w.ctx); err != nil {
		return err
	}
	pointer, err := w.upload(c, u, filepath.Join(dir, "sealed"))
	if err != nil || !step() {
		return err
	}
	found, err := w.read(c, d.ID)
	if err != nil {
		return err
	}
	status := backup.Success
	if w.rng.IntN(4) == 0 {
		status = backup.Partial
	}
	s := snapshot.Snapshot{Account: u.Account, Task: u.Task, BoxUser: u.ID, ID: u.RunID, Status: status, Taken: d.At}
	if err := w.snapRows.Seal(w.ctx, s, w.taskRows.Seal(u, task.Sealed{Status: status, At: w.at, Catalog: pointer, Held: w.hold})); err != nil {
		return err
	}
	w.truth[s.ID] = found
	if w.rng.IntN(2) == 0 { // the next slot finds nothing changed
		s.Same, s.ID = s.ID, backup.SnapshotID(backup.NewSortableID(w.at.Add(time.Minute)))
		s.Taken = w.at.Add(time.Duration(w.rng.IntN(72)) * time.Hour)
		w.truth[s.ID] = found
		return w.snapRows.Seal(w.ctx, s)
	}
	return nil
}

func (w *world) upload(c *catalog.Catalog, u task.BoxUser, path string) ([]byte, error) {
	w.names++
	if err := c.Checkpoint(w.ctx, path); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	name := fmt.Sprint("g", w.names)
	sealed, patched, err := w.patch(u, name, f, path+"-before")
	if err == nil && !patched {
		sealed, err = w.vault.PutCatalog(w.ctx, u.ID, name, f)
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(sealed)
}

// patch stores the file as what it has different from the Box user's latest
// catalog, sometimes.
func (w *world) patch(u task.BoxUser, name string, now *os.File, path string) (vault.Sealed, bool, error) {
	pointer := u.Checkpoint
	if pointer == nil {
		pointer = u.Catalog
	}
	if pointer == nil || w.rng.IntN(3) == 0 {
		return vault.Sealed{}, false, nil
	}
	var sealed vault.Sealed
	if err := json.Unmarshal(pointer, &sealed); err != nil {
		return sealed, false, err
	}
	f, err := os.Create(path)
	if err != nil {
		return sealed, false, err
	}
	before, err := w.vault.GetImage(w.ctx, sealed, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return sealed, false, err
	}
	image, patched, err := w.vault.PutPatch(w.ctx, u.ID, name, before, now)
	if err != nil {
		return sealed, false, err
	}
	if _, err := now.Seek(0, io.SeekStart); err != nil {
		return sealed, false, err
	}
	w.patches += len(image.Sealed.Patches) - len(before.Sealed.Patches)
	return image.Sealed, patched, nil
}

func (w *world) fetch(pointer []byte, path string) (*catalog.Catalog, error) {
	var sealed vault.Sealed
	if err := json.Unmarshal(pointer, &sealed); err != nil {
		return nil, err
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(w.vault.GetCatalog(w.ctx, sealed, f), f.Close()); err != nil {
		return nil, err
	}
	return catalog.Open(w.ctx, path)
}
