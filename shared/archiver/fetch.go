package archiver

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
	"coffer/shared/lease"
	"coffer/shared/vault"
)

const (
	lookAhead = 2 * archiveFiles // contents looked up in the vault at a time
	fetchers  = 8                // small contents downloaded at a time
	// archivers is how many archives are dealt with at a time: one comes from
	// Box while what was in the other is stored.
	archivers = 2
	// largeFetchers is how many large contents are downloaded at a time. Each
	// has two parts in the working folder.
	largeFetchers = 4
	// tries is how often a content is asked for whose bytes do not match.
	tries = 5
)

// fetch stores the contents of the draft's files that the vault lacks. What
// changes under its hands is wanted again, so it passes over the wanted
// contents until none is left.
func (r *run) fetch(ctx context.Context) error {
	for {
		found, err := r.pass(ctx)
		if err != nil || !found {
			return errors.Join(context.Cause(ctx), err)
		}
	}
}

// pass deals once with every wanted content and reports whether there was any.
func (r *run) pass(ctx context.Context) (bool, error) {
	troubles := &troubles{max: maxTroubles}
	if err := r.backlog(ctx); err != nil {
		return false, err
	}
	var after backup.Content
	for found := false; ; found = true {
		items, err := r.draft.Wanted(ctx, after, lookAhead)
		if err != nil || len(items) == 0 {
			return found, err
		}
		after = items[len(items)-1].Content
		missing, err := r.unknown(ctx, items)
		if err != nil {
			return found, err
		}
		small, large := split(missing)
		if err := r.fetchAllSmall(ctx, small, troubles); err != nil {
			return found, err
		}
		if err := r.fetchAllLarge(ctx, large, troubles); err != nil {
			return found, err
		}
	}
}

// fetchAllSmall stores small contents, as many at a time as fit an archive.
func (r *run) fetchAllSmall(ctx context.Context, items []catalog.Item, troubles *troubles) error {
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(archivers)
	if r.caution.careful {
		group.SetLimit(1)
	}
	for len(items) > 0 && r.late(gctx) == nil {
		n := batch(items)
		some := items[:n]
		items = items[n:]
		group.Go(func() error {
			if err := r.fetchSmall(gctx, some, troubles); err != nil {
				return err
			}
			return r.step(gctx)
		})
	}
	return errors.Join(group.Wait(), r.late(ctx))
}

// fetchAllLarge stores large contents, some at a time: latency and the last
// part on its way to the store would be waited for otherwise.
func (r *run) fetchAllLarge(ctx context.Context, items []catalog.Item, troubles *troubles) error {
	pieces := downloads(items)
	err := r.each(ctx, largeFetchers, largeFetchers, pieces, func(ctx context.Context, i int) error {
		if r.late(ctx) != nil {
			return nil // the others end what they are at
		}
		work := func() error { return r.fetchLarge(ctx, items[i]) }
		err := troubles.count(r.guard(ctx, pieces[i], work, func() error { return r.poisoned(ctx, items[i]) }))
		if errors.Is(err, lease.ErrDeadline) && ctx.Err() == nil {
			return nil // likewise
		}
		if err != nil {
			return err
		}
		return r.step(ctx)
	})
	return errors.Join(err, r.late(ctx))
}

func downloads(items []catalog.Item) []piece {
	pieces := make([]piece, len(items))
	for i, item := range items {
		pieces[i] = downloaded(item)
	}
	return pieces
}

// late returns why nothing more is to be begun, if it is not: what is under way
// may end, so that none of it has to be downloaded again.
func (r *run) late(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if lease.Ending(ctx) {
		return lease.ErrDeadline
	}
	return nil
}

// backlog tells the heartbeat how much is to do. It reads all of it.
func (r *run) backlog(ctx context.Context) error {
	contents, _, err := r.draft.Backlog(ctx)
	r.wanted.Store(contents)
	return err
}

// unknown marks the contents that the vault has as stored and returns the
// items of the others.
func (r *run) unknown(ctx context.Context, items []catalog.Item) ([]catalog.Item, error) {
	contents := make([]backup.Content, len(items))
	for i := range items {
		contents[i] = items[i].Content
	}
	lacks, err := r.lookUp(ctx, contents)
	if err != nil {
		return nil, err
	}
	var missing []catalog.Item
	for _, item := range items {
		if lacks[item.Content] {
			missing = append(missing, item)
		}
	}
	return missing, nil
}

// lookUp tells the draft which of the contents the vault has, and returns the
// others. What the run has stored already, before a worker died that had not
// said so yet, is counted with the run now.
func (r *run) lookUp(ctx context.Context, contents []backup.Content) (lacks map[backup.Content]bool, err error) {
	look, err := r.vault.Look(ctx, contents)
	if err != nil {
		return nil, fmt.Errorf("look up %d contents: %w", len(contents), err)
	}
	lacks = make(map[backup.Content]bool, len(look.Missing))
	for _, c := range look.Missing {
		lacks[c] = true
	}
	r.wanted.Add(-int64(len(look.Others)))
	if err := r.draft.Stored(ctx, look.Others...); err != nil || len(look.Own) == 0 {
		return lacks, err
	}
	return lacks, r.stored(ctx, look.Own...)
}

func split(items []catalog.Item) (small, large []catalog.Item) {
	for _, item := range items {
		if item.Content.Size < vault.Large {
			small = append(small, item)
		} else {
			large = append(large, item)
		}
	}
	return small, large
}

// fetchSmall stores small contents in shared packs: as an archive first, then
// one by one what the archive lacked. The draft is told when the packs and their
// rows are there. Where it is stopped, what was downloaded already is stored all
// the same, and found in the vault next time.
func (r *run) fetchSmall(ctx context.Context, items []catalog.Item, troubles *troubles) error {
	w := r.vault.Writer()
	got, err := r.download(ctx, w, items, troubles)
	if err != nil {
		return errors.Join(context.Cause(ctx), err, w.Flush(context.WithoutCancel(ctx)))
	}
	if err := w.Flush(ctx); err != nil {
		return fmt.Errorf("store packs: %w", err)
	}
	return r.stored(ctx, got...)
}

// download brings the items' contents into w and returns those that it got. Those
// at one of which a worker died come first, so that with each further death it is
// clearer which it is.
func (r *run) download(ctx context.Context, w *vault.Writer, items []catalog.Item, troubles *troubles) ([]backup.Content, error) {
	var suspects, current, rest []catalog.Item
	for _, item := range items {
		switch p := downloaded(item); {
		case item.Past, r.poisonous(p): // archives hold current versions, and none that kills us
			rest = append(rest, item)
		case r.suspected(p):
			suspects = append(suspects, item)
		default:
			current = append(current, item)
		}
	}
	absent := map[backup.Content]bool{}
	left, err := r.inParts(ctx, w, suspects)
	if err == nil {
		err = r.oneByOne(ctx, w, left, troubles, absent)
	}
	if err == nil {
		left, err = r.archive(ctx, w, current)
	}
	if err == nil {
		err = r.oneByOne(ctx, w, append(rest, left...), troubles, absent)
	}
	if err := errors.Join(err, context.Cause(ctx)); err != nil {
		return nil, err
	}
	var got []backup.Content
	for _, item := range items {
		if !absent[item.Content] {
			got = append(got, item.Content)
		}
	}
	return got, nil
}

// oneByOne brings the items' contents into w, each by a download of its own. What
// it did not get is absent.
func (r *run) oneByOne(ctx context.Context, w *vault.Writer, items []catalog.Item, troubles *troubles, absent map[backup.Content]bool) error {
	r.singly.Lock()
	defer r.singly.Unlock()
	lost, pieces := make([]bool, len(items)), downloads(items)
	err := r.each(ctx, fetchers, together, pieces, func(ctx context.Context, i int) error {
		lost[i] = true
		if r.late(ctx) != nil {
			return nil // the others end what they are at
		}
		work := func() error {
			got, err := r.fetchOne(ctx, w, items[i])
			lost[i] = !got
			return err
		}
		return troubles.count(r.guard(ctx, pieces[i], work, func() error { return r.poisoned(ctx, items[i]) }))
	})
	for i, lost := range lost {
		if lost {
			absent[items[i].Content] = true
		}
	}
	return err
}

// fetchOne stores one small content, and asks for it again where the bytes
// break off or do not match. It reports whether it got the content; what stood
// in the way is recorded then.
func (r *run) fetchOne(ctx context.Context, w *vault.Writer, item catalog.Item) (bool, error) {
	var err error
	for range tries {
		var src source
		if src.body, err = r.client.Download(ctx, item.ID, item.VersionID, 0); err != nil {
			break
		}
		err = w.Add(ctx, item.Content, &src)
		_ = src.body.Close() // nothing is left to read
		if err == nil || ctx.Err() != nil {
			return err == nil, err
		}
		if err = src.explain(err); !isBoxTrouble(err) {
			return false, err
		}
	}
	return false, r.unfetched(ctx, item, err)
}

// stored tells the draft and the heartbeat what the run has stored in the vault.
func (r *run) stored(ctx context.Context, contents ...backup.Content) error {
	r.wanted.Add(-int64(len(contents)))
	return errors.Join(r.draft.Store(ctx, contents...), r.count(ctx))
}

// source is a download whose failure can be told from that of the vault.
type source struct {
	body io.ReadCloser
	err  error
}

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.body.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// explain returns err, as trouble of Box's where the download had broken off.
func (s *source) explain(err error) error {
	if s.err == nil {
		return err
	}
	return &brokenError{err}
}

// brokenError says that a download broke off.
type brokenError struct{ error }

// Unwrap returns what broke it off.
func (e *brokenError) Unwrap() error { return e.error }

// fetchLarge stores a large content in parts, going on where an earlier
// invocation or a torn download stopped.
func (r *run) fetchLarge(ctx context.Context, item catalog.Item) error {
	late := func() bool { return r.late(ctx) != nil }
	var err error
	var reached int64
	for torn := 0; torn < tries; torn++ {
		var src source
		open := func(ctx context.Context, offset int64) (_ io.ReadCloser, err error) {
			if offset > reached {
				reached, torn = offset, 0 // the try before was worth it
			}
			src.body, err = r.client.Download(ctx, item.ID, item.VersionID, offset)
			return &src, err
		}
		err = r.vault.StoreLarge(ctx, item.Content, open, late)
		switch {
		case err == nil:
			lacks, err := r.lookUp(ctx, []backup.Content{item.Content}) // another run may have stored it meanwhile
			if err == nil && lacks[item.Content] {
				err = fmt.Errorf("content %s was stored and is not in the vault", item.Content)
			}
			return err
		case ctx.Err() != nil || errors.Is(err, vault.ErrPaused):
			return errors.Join(r.late(ctx), err)
		}
		if err = src.explain(err); !isBoxTrouble(err) {
			return err
		}
	}
	return r.unfetched(ctx, item, err)
}

// Close implements io.Closer.
func (s *source) Close() error { return s.body.Close() }

// unfetched deals with a file whose content could not be had: it is gone, has
// changed since it was listed, or fails.
func (r *run) unfetched(ctx context.Context, item catalog.Item, err error) error {
	if ctx.Err() != nil || ends(err) || !isBoxTrouble(err) {
		return err
	}
	_, broken := errors.AsType[*brokenError](err)
	if item.Past {
		if err := r.lostVersion(ctx, item, err); err != nil {
			return err
		}
		if broken || box.IsBusy(err) {
			return trouble{err}
		}
		return nil
	}
	if box.IsNotFound(err) {
		now, readErr := r.client.File(ctx, item.ID)
		switch {
		case readErr == nil && now.VersionID != item.VersionID, box.IsNotFound(readErr):
			return r.reread(ctx, item.ItemRef, false)
		case isCeiling(readErr):
			return readErr
		case readErr != nil && !box.IsForbidden(readErr):
			err = readErr
		}
	}
	if err := r.draft.Fail(ctx, item.ItemRef, reasonFor(err)); err != nil {
		return err
	}
	if broken || box.IsBusy(err) {
		return trouble{err}
	}
	return nil
}

// poisoned records that a content could not be had because Coffer failed.
func (r *run) poisoned(ctx context.Context, item catalog.Item) error {
	if item.Past {
		return r.draft.FailVersion(ctx, item, poisonReason)
	}
	return r.draft.Fail(ctx, item.ItemRef, poisonReason)
}

// isBoxTrouble reports whether the item or Box is at fault, not the vault.
func isBoxTrouble(err error) bool {
	_, ok := errors.AsType[*box.Error](err)
	_, limited := errors.AsType[*box.RateLimitError](err)
	_, broken := errors.AsType[*brokenError](err)
	return ok || limited || broken || errors.Is(err, vault.ErrMismatch)
}
