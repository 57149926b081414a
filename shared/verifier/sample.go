package verifier

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/queue"
	"coffer/shared/task"
	"coffer/shared/vault"
)

const (
	reserve = time.Minute        // left for the end of an invocation
	each    = 7 * 24 * time.Hour // how long a Box user's catalog goes unverified
	least   = 64 << 20           // bytes of contents that are read of a vault in a day, at least
	share   = 4000               // and of its bytes the part that is read
	most    = 10_000             // contents that are read in a day
	young   = 26 * time.Hour     // the age of packs that nobody verified before
)

// Verifier verifies every vault a little each day.
//
// A task's vault is listed and its rows are read each day: every row's key is
// opened and every pack that a row names must be there and reach far enough. A
// Box user's catalog is opened each week, and all contents that its snapshots
// name must have a row. Contents are read from storage whole, in a round of the
// vault in the order of their SHA-1s, 64 MiB a day or a 4,000th of the vault.
// Before these comes one content of every pack that is new since the day before,
// as far as that takes no more than 64 MiB: what was written wrong shows while it
// is still at Box.
//
// Why so little: reading costs what keeping does. Glacier Instant Retrieval
// takes $0.03 for a GB read and $0.004 for a GB kept for a month, so a round
// each month would cost eight times the storage; a 4,000th each day is 6 % of
// it. A vault of 2 GB is read whole each month for 6 cents. What goes wrong at
// S3 itself, S3 finds; what would go wrong with us (rows, keys, packs that are
// gone or cut) is found in a day or a week without reading any content, and
// mistakes of the format by a sample.
//
// Damage is told once: in the activity, by an e-mail to the primary user, and
// as Damage on the task's row, which keeps prune from removing anything until
// somebody acknowledges it. What is not made good is found again later, and then
// is no news.
type Verifier struct {
	Tasks   *task.Table
	Index   vault.Index
	Objects vault.Objects
	Keys    vault.Keys
	Audit   *audit.Table
	Mails   *queue.Queue[backup.MailMessage]
	Dir     string // where catalogs are decrypted
	Now     func() time.Time
}

// Daily is the outcome of a day's verification.
type Daily struct {
	Vaults   int
	Failed   int   // of these, could not be verified
	Left     int   // not looked at, for lack of time
	Rows     int64 // whose key and place were checked
	Contents int64 // read
	Bytes    int64 // of them
	Catalogs int64
	Damaged  int // things
}

// Sample verifies all vaults, in an order that differs from day to day, until a
// minute before the context's deadline.
func (v *Verifier) Sample(ctx context.Context) (Daily, error) {
	var tasks []task.Task
	if err := v.Tasks.All(ctx, func(t task.Task) error {
		if t.Alive() {
			tasks = append(tasks, t)
		}
		return nil
	}); err != nil {
		return Daily{}, err
	}
	rand.Shuffle(len(tasks), func(i, j int) { tasks[i], tasks[j] = tasks[j], tasks[i] }) // #nosec G404 -- no secret
	var day Daily
	var failed []error
	for i, t := range tasks {
		if late(ctx) {
			day.Left = len(tasks) - i
			break
		}
		day.Vaults++
		if err := v.sample(ctx, t, &day); err != nil {
			day.Failed++
			failed = append(failed, fmt.Errorf("verify vault of task %s: %w", t.ID, err))
		}
	}
	return day, errors.Join(failed...)
}

func late(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) < reserve
}

// sample verifies a part of one vault.
func (v *Verifier) sample(ctx context.Context, t task.Task, day *Daily) error {
	id := vault.ID{Account: t.Account, Task: t.ID}
	opened, err := vault.Open(ctx, id, t.VaultKey, v.Objects, v.Index, v.Keys)
	if err != nil {
		return err
	}
	b := &Backup{Vault: opened, Index: v.Index, Dir: v.Dir}
	f := b.findings()
	begun, before := v.Now(), *day
	err = v.look(ctx, f, t, day)
	day.Damaged += len(f.all)
	if len(f.all) == 0 && (err != nil || day.Contents == before.Contents && day.Catalogs == before.Catalogs) {
		return err
	}
	return errors.Join(err, v.tell(ctx, t, f, begun, day.Contents-before.Contents, day.Bytes-before.Bytes))
}

// look looks for damage. What it finds before an error is damage all the same.
func (v *Verifier) look(ctx context.Context, f *findings, t task.Task, day *Daily) error {
	fresh, chosen, err := v.rows(ctx, f, t, day)
	if err != nil {
		return err
	}
	if err := v.fresh(ctx, f, fresh, day); err != nil {
		return err
	}
	if err := v.contents(ctx, f, t, chosen, day); err != nil {
		return err
	}
	if err := v.catalogs(ctx, f, t, day); err != nil {
		return err
	}
	return v.people(ctx, f)
}

// rows checks the key and the place of every row, and chooses the contents that
// are next to be read: of new packs, and of the round.
func (v *Verifier) rows(ctx context.Context, f *findings, t task.Task, day *Daily) (*fresh, *next, error) {
	id := f.Vault.ID()
	packs, stored := map[string]int64{}, int64(0)
	recent := &fresh{packs: map[string]bool{}}
	if err := v.Objects.List(ctx, id.Packs(), func(key string, size int64, modified time.Time) error {
		if name, ok := id.PackName(key); ok {
			packs[name], stored = size, stored+size
			if v.Now().Sub(modified) < young {
				recent.packs[name] = true
			}
		}
		return nil
	}); err != nil {
		return nil, nil, err
	}
	chosen := newNext(t.VerifiedTo, max(least, stored/share), most)
	var doubtful []vault.Row
	err := v.Index.Walk(ctx, id, func(row vault.Row) error {
		day.Rows++
		ok := true
		if _, err := f.Vault.Unwrap(row); err != nil {
			ok = false
		}
		for _, p := range row.Parts {
			ok = ok && p.Offset >= 0 && p.Length > 0 && p.Offset+p.Length <= packs[p.Pack]
		}
		if !ok {
			doubtful = append(doubtful, row)
		} else if !recent.take(row) {
			chosen.add(row)
		}
		return nil
	}, func(vault.Progress) error { return nil })
	if err != nil {
		return nil, nil, err
	}
	for _, row := range doubtful { // it may have been stored since the listing
		found, err := f.Vault.Check(ctx, row)
		if err != nil {
			return nil, nil, err
		}
		f.add(found)
	}
	return recent, chosen, nil
}

// people reads a thirtieth of the lists of people, so that each has its day in a
// month.
func (v *Verifier) people(ctx context.Context, f *findings) error {
	const round = 30
	names, err := f.Vault.ListPeople(ctx)
	if err != nil {
		return err
	}
	today := int(v.Now().Unix()/int64(24*time.Hour/time.Second)) % round
	for i, name := range names {
		if i%round != today {
			continue
		}
		found, err := f.Vault.CheckPeople(ctx, name)
		if err != nil {
			return err
		}
		f.add(found)
	}
	return nil
}

// fresh reads what was chosen of new packs.
func (v *Verifier) fresh(ctx context.Context, f *findings, chosen *fresh, day *Daily) error {
	for _, row := range chosen.rows {
		if late(ctx) {
			return nil
		}
		found, err := f.Vault.Check(ctx, row)
		if err != nil {
			return err
		}
		f.add(found)
		day.Contents, day.Bytes = day.Contents+1, day.Bytes+row.Content.Size
	}
	return nil
}

// contents reads what was chosen, as long as there is time.
func (v *Verifier) contents(ctx context.Context, f *findings, t task.Task, chosen *next, day *Daily) error {
	rows, round := chosen.rows()
	position := t.VerifiedTo
	for _, row := range rows {
		if late(ctx) {
			round = false
			break
		}
		found, err := f.Vault.Check(ctx, row)
		if err != nil {
			return err
		}
		f.add(found)
		day.Contents, day.Bytes = day.Contents+1, day.Bytes+row.Content.Size
		position = row.Content.SHA1.String()
	}
	if round {
		position = "" // the next round begins
	}
	if position == t.VerifiedTo {
		return nil
	}
	return v.Tasks.VerifiedUpTo(ctx, t.Account, t.ID, position)
}

// catalogs verifies the Box users whose turn it is, and all whom damage that
// was found now may touch. Of those that cannot be read it returns the first one's
// error.
func (v *Verifier) catalogs(ctx context.Context, f *findings, t task.Task, day *Daily) (failed error) {
	for u, err := range v.Tasks.BoxUsers(ctx, t.Account, t.ID) {
		if err != nil {
			return err
		}
		due := v.Now().Sub(u.Verified) >= each || u.Damage != ""
		if len(u.Catalog) == 0 || u.Purging || !due && len(f.by) == 0 || late(ctx) {
			continue
		}
		day.Catalogs++
		if err := v.catalog(ctx, f, u); err != nil && failed == nil {
			failed = fmt.Errorf("Box user %s: %w", u.ID, err)
		}
	}
	return failed
}

func (v *Verifier) catalog(ctx context.Context, f *findings, u task.BoxUser) error {
	var sealed vault.Sealed
	if err := json.Unmarshal(u.Catalog, &sealed); err != nil {
		return fmt.Errorf("pointer to the catalog: %w", err)
	}
	c, done, err := f.Open(ctx, sealed)
	if errors.Is(err, vault.ErrDamaged) {
		now, reading := v.Tasks.BoxUser(ctx, u.Account, u.Task, u.ID)
		switch {
		case backup.KindOf(reading) == backup.NotFound, reading == nil && (now.Purging || !bytes.Equal(now.Catalog, u.Catalog)):
			return nil // pruned meanwhile
		case reading != nil:
			return reading
		}
		f.unreadable(sealed, err).touch(u)
		return v.Tasks.Verified(ctx, u, "The list of what is in the backup cannot be read, and so nothing of it.")
	}
	if err != nil {
		return err
	}
	defer done()
	if err := f.contents(ctx, c, u); err != nil {
		return err
	}
	files := map[string]bool{}
	for _, d := range f.all {
		if t := d.touched[u.ID]; t != nil {
			for path := range t.files {
				files[path] = true
			}
		}
	}
	if len(files) == 0 {
		return v.Tasks.Verified(ctx, u, "")
	}
	return v.Tasks.Verified(ctx, u, fmt.Sprintf("The backed up content of %d files is damaged.", len(files)))
}

// tell adds the activity and, of new damage, tells the primary user and keeps
// the vault from being pruned. What somebody has acknowledged is not new, though it
// is found again each time.
func (v *Verifier) tell(ctx context.Context, t task.Task, f *findings, begun time.Time, contents, bytes int64) error {
	now := v.Now()
	activity := audit.Activity{
		Account: t.Account, ID: audit.ID(now, "verify#"+string(t.ID)), At: now, Kind: audit.Verify, Status: audit.Succeeded,
		Task: t.ID, TaskName: t.Name, Duration: now.Sub(begun), Bytes: bytes, Records: contents,
		Description: fmt.Sprintf("Read and compared %d contents of the backup; nothing is damaged.", contents),
	}
	if len(f.all) == 0 {
		return v.Audit.Add(ctx, activity)
	}
	for _, d := range f.damages() {
		slog.ErrorContext(ctx, "damage", "account", t.Account, "task", t.ID, "kind", d.Kind, "name", d.Name, "reason", d.Reason, "boxUsers", len(d.Touched))
	}
	told, err := v.Tasks.Damages(ctx, t.Account, t.ID)
	if err != nil {
		return err
	}
	fresh := f.untold(told)
	waiting := len(told.Waiting) + len(fresh)
	activity.Status, activity.Description = audit.Failed, missing(len(f.all))
	if waiting == 0 {
		activity.Description += " All of that has been acknowledged."
	} else {
		activity.Description += " Nothing is removed from the backup until this is acknowledged."
	}
	if len(fresh) == 0 {
		return v.Audit.Add(ctx, activity)
	}
	mail := backup.MailMessage{
		ID: "damaged-" + string(t.ID) + "-" + now.UTC().Format(time.RFC3339), Account: t.Account, Template: "damaged",
		Data: map[string]string{"task": string(t.ID), "taskName": t.Name, "damage": missing(waiting)},
	}
	first, err := v.Tasks.Damaged(ctx, t.Account, t.ID, missing(waiting), fresh, v.Tasks.KeepMail(mail))
	if err = errors.Join(err, v.Audit.Add(ctx, activity)); err != nil || !first {
		return err
	}
	return v.Mails.Send(ctx, string(t.Account), 0, mail)
}

func missing(things int) string {
	return fmt.Sprintf("%d stored objects or contents are missing or damaged.", things)
}
