package archiver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
	"coffer/shared/catalog"
	"coffer/shared/metric"
)

// A worker that dies without a word, killed for the memory it took, say, leaves
// no trace of what it was at. Once one has, those after it announce what they are
// about to do, in the Box user's row: some pieces of work at a time, and after a
// death among these one at a time. The piece at which the next one dies is left
// out as a failure, the rest of the run is done and saved, and then it is tried
// once more: other things than the item may have killed the worker. Where it dies
// there again the snapshot is sealed without the piece. So a poisonous item costs
// a run four deaths, and each later run one: it knows the piece, and tries it when
// all else is done.
//
// A death at an archive says only that it was one of up to 5,000 contents. To
// download them one by one would be as many calls of Box; to halve them, a death
// for each halving, and each costs minutes. So they are tried in archives of about
// the root of their number first: one death more, and some 200 calls.

// The kinds of work on items.
const (
	listing     = "list" // a folder
	reading     = "read"
	describing  = "describe" // a part
	downloading = "download" // the content of a version
)

const (
	// together is how many pieces of work are announced at a time.
	together = 64
	// maxPoison is at how many pieces workers may have died. A run that finds
	// more is given up.
	maxPoison = 20
	// maxTrials is how many pieces may cost a run another death.
	maxTrials = 3
)

// piece is a piece of work.
type piece struct {
	Do   string         `json:"do"`
	Item backup.ItemRef `json:"item"`
	Of   string         `json:"of,omitempty"` // the part or the version

	content backup.Content // of a download
}

func listed(folder string) piece    { return piece{Do: listing, Item: folderRef(folder)} }
func read(ref backup.ItemRef) piece { return piece{Do: reading, Item: ref} }
func described(p catalog.Inspection) piece {
	return piece{Do: describing, Item: p.ItemRef, Of: fmt.Sprint(p.Part)}
}

func downloaded(item catalog.Item) piece {
	return piece{Do: downloading, Item: item.ItemRef, Of: item.VersionID, content: item.Content}
}

// work is what a careful worker announces: some pieces, or an archive of the
// contents from one to another, in their order.
type work struct {
	Pieces   []piece         `json:"pieces,omitempty"`
	From, To *backup.Content `json:",omitempty"`
}

func (w *work) has(p piece) bool {
	if w.From != nil {
		return p.Do == downloading && compareContents(*w.From, p.content) <= 0 && compareContents(p.content, *w.To) <= 0
	}
	return contains(w.Pieces, p)
}

func contains(pieces []piece, p piece) bool {
	return slices.ContainsFunc(pieces, func(q piece) bool { return q.Do == p.Do && q.Item == p.Item && q.Of == p.Of })
}

// compareContents orders contents as the draft offers them.
func compareContents(a, b backup.Content) int {
	return cmp.Or(cmp.Compare(a.Size, b.Size), slices.Compare(a.SHA1[:], b.SHA1[:]))
}

// caution is what is known of deaths. It is kept in the Box user's row.
type caution struct {
	Pieces []piece `json:"pieces,omitempty"` // at which workers died

	Run      backup.SnapshotID `json:"run,omitempty"`      // of which the following are
	Tried    []piece           `json:"tried,omitempty"`    // when all else was done
	Suspects *work             `json:"suspects,omitempty"` // at one of which a worker died

	careful bool   // work is announced
	trying  *piece // is being tried when all else is done
}

// beCautious reads what is known of deaths, and draws the conclusion of the
// latest.
func (r *run) beCautious(ctx context.Context) error {
	if r.user.Caution != nil {
		if err := json.Unmarshal(r.user.Caution, &r.caution); err != nil {
			return fmt.Errorf("caution: %w", err)
		}
	}
	if r.caution.Run != r.user.RunID {
		r.caution = caution{Pieces: r.caution.Pieces, Run: r.user.RunID}
	}
	if r.user.RunAt != nil {
		var at work
		if err := json.Unmarshal(r.user.RunAt, &at); err != nil {
			return fmt.Errorf("what a worker died at: %w", err)
		}
		if err := r.conclude(ctx, at); err != nil {
			return err
		}
	}
	r.caution.careful = r.user.RunSilent > 1 || r.caution.Suspects != nil
	return nil
}

// conclude learns from a death at announced work. Where nothing is to be learnt it
// counts as an attempt.
func (r *run) conclude(ctx context.Context, at work) error {
	if len(at.Pieces) != 1 {
		r.caution.Suspects = &at
		return r.learn(ctx)
	}
	p := at.Pieces[0]
	switch {
	case p == listed(backup.RootFolder): // without which there is no backup
		return nil
	case contains(r.caution.Pieces, p):
		if !contains(r.caution.Tried, p) {
			r.caution.Tried = append(r.caution.Tried, p)
			r.alarm(ctx, p, "death", "")
		}
	case len(r.caution.Pieces) >= maxPoison:
		return nil
	default:
		r.caution.Pieces = append(r.caution.Pieces, p)
	}
	r.caution.Suspects = nil
	return r.learn(ctx)
}

func (r *run) learn(ctx context.Context) error {
	text, err := json.Marshal(r.caution)
	if err != nil {
		return fmt.Errorf("caution: %w", err)
	}
	return r.Tasks.Learn(ctx, r.user, text)
}

// announce says what is about to be done, where that is called for.
func (r *run) announce(ctx context.Context, w work) error {
	if !r.caution.careful || r.caution.trying != nil {
		return nil
	}
	return r.note(ctx, w)
}

func (r *run) note(ctx context.Context, w work) error {
	if w.From == nil && len(w.Pieces) == 0 {
		return r.Tasks.Announce(ctx, r.user, nil)
	}
	text, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("announce work: %w", err)
	}
	return r.Tasks.Announce(ctx, r.user, text)
}

// each does pieces of work, limit of them at a time, and announces atOnce of
// them at a time. Those that are suspected come last, each alone.
func (r *run) each(ctx context.Context, limit, atOnce int, pieces []piece, do func(context.Context, int) error) error {
	var usual, alone []int
	for i, p := range pieces {
		if r.suspected(p) {
			alone = append(alone, i)
		} else {
			usual = append(usual, i)
		}
	}
	if !r.caution.careful {
		atOnce = max(1, len(usual))
	}
	var parts [][]int
	parts = slices.AppendSeq(parts, slices.Chunk(usual, atOnce))
	parts = slices.AppendSeq(parts, slices.Chunk(alone, 1))
	for _, part := range parts {
		announced := make([]piece, len(part))
		for i, n := range part {
			announced[i] = pieces[n]
		}
		if err := r.announce(ctx, work{Pieces: announced}); err != nil {
			return err
		}
		group, gctx := errgroup.WithContext(ctx)
		group.SetLimit(limit)
		for _, n := range part {
			group.Go(func() error { return do(gctx, n) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return r.announce(ctx, work{})
}

// suspected reports whether a worker may have died at the piece.
func (r *run) suspected(p piece) bool { return r.caution.Suspects != nil && r.caution.Suspects.has(p) }

// poisonous reports whether a worker died at the piece, unless it is just being
// tried again.
func (r *run) poisonous(p piece) bool {
	return contains(r.caution.Pieces, p) && (r.caution.trying == nil || !contains([]piece{*r.caution.trying}, p))
}

// tryAgain tries one of the pieces at which workers died, when all else is done
// and saved, and reports whether there was one to be tried.
func (r *run) tryAgain(ctx context.Context) (bool, error) {
	failed, err := r.failed(ctx)
	if err != nil {
		return false, err
	}
	died := 0
	for _, p := range r.caution.Pieces {
		if contains(r.caution.Tried, p) {
			died++
		}
	}
	if died >= maxTrials {
		return false, nil
	}
	i := slices.IndexFunc(r.caution.Pieces, func(p piece) bool { return failed[p.Item] && !contains(r.caution.Tried, p) })
	if i < 0 {
		return false, nil
	}
	p := r.caution.Pieces[i]
	if err := r.saveNow(ctx); err != nil {
		return false, err
	}
	if err := r.note(ctx, work{Pieces: []piece{p}}); err != nil {
		return false, err
	}
	r.caution.trying = &p
	if err := r.do(ctx, p); err != nil {
		return false, err
	}
	r.caution.trying = nil
	r.caution.Tried = append(r.caution.Tried, p)
	r.caution.Pieces = slices.Delete(r.caution.Pieces, i, i+1)
	return true, r.learn(ctx)
}

// do does a piece of work that was recorded as failed.
func (r *run) do(ctx context.Context, p piece) error {
	if err := r.draft.Retry(ctx, p.Item); err != nil {
		return err
	}
	switch p.Do {
	case listing:
		if err := r.draft.Enqueue(ctx, p.Item.ID); err != nil {
			return err
		}
	case reading:
		if err := r.rereadAll(ctx, []backup.ItemRef{p.Item}, func(backup.ItemRef) bool { return true }); err != nil {
			// Nothing else in the draft says that it is to be read.
			return errors.Join(err, r.draft.Fail(context.WithoutCancel(ctx), p.Item, poisonReason))
		}
	case describing:
		return r.describe(ctx)
	case downloading:
		return r.fetch(ctx)
	}
	if err := r.crawl(ctx, false); err != nil {
		return err
	}
	if err := r.confirm(ctx, r.marks, nil); err != nil {
		return err
	}
	return r.settle(ctx)
}

// failed returns the items in the draft's ledger.
func (r *run) failed(ctx context.Context) (map[backup.ItemRef]bool, error) {
	if len(r.caution.Pieces) == 0 {
		return nil, nil
	}
	failures, err := r.draft.Failures(ctx)
	if err != nil {
		return nil, err
	}
	failed := map[backup.ItemRef]bool{}
	for _, f := range failures {
		failed[f.ItemRef] = true
	}
	return failed, nil
}

// cautionAfter is what the next run has to know of deaths: nil for nothing.
func (r *run) cautionAfter(ctx context.Context) ([]byte, error) {
	failed, err := r.failed(ctx)
	if err != nil {
		return nil, err
	}
	var still, tried []piece
	for _, p := range r.caution.Pieces {
		switch {
		case !failed[p.Item]:
		case contains(r.caution.Tried, p):
			tried = append(tried, p)
		default:
			still = append(still, p)
		}
	}
	if still = append(still, tried...); len(still) == 0 { // the next run tries those first that this one did not
		return nil, nil
	}
	return json.Marshal(caution{Pieces: still})
}

// alarm tells the operators of an item at which Coffer fails. The line in the
// log is counted as the metric Poisoned.
func (r *run) alarm(ctx context.Context, p piece, what, stack string) {
	slog.ErrorContext(ctx, "poisonous item", "account", r.user.Account, "task", r.user.Task, "boxUser", r.user.ID, "run", r.user.RunID,
		"work", p.Do, "item", p.Item.String(), "panic", what, "stack", stack, metric.Count(r.Now(), "Poisoned", 1))
}
