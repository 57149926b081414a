package archiver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
	"coffer/shared/snapshot"
)

// Keys of the draft's state.
const (
	stateMethod     = "method"     // how this run lists: one of the values below
	statePosition   = "position"   // up to where the change stream has been followed
	stateReached    = "reached"    // when it was followed up to there, RFC 3339
	stateBegan      = "began"      // when the run began to look, RFC 3339
	stateWhy        = "why"        // why it did not follow the enterprise's stream, a sentence
	stateHeard      = "heard"      // the hints that were looked at, by one run
	stateReconciled = "reconciled" // when the folders listed longest ago were queued, RFC 3339
	stateAgain      = "again"      // their ids
	stateSuspects   = "suspects"   // what differed in them
	stateVersions   = "versions"   // whether what is listed includes past versions: "yes"
	stateMissed     = "missed"     // what listings did not show and nobody has looked for yet
	stateStrays     = "strays"     // what came or went, and who was told; see strays
	stateDrift      = "drift"      // how much of that nothing had told
)

// Values of stateMethod.
const (
	crawling  = "crawling"  // every folder is being listed
	crawled   = "crawled"   // every folder was listed
	following = "following" // the change stream says where to look
	hinted    = "hinted"    // the enterprise's stream has said where to look
)

const (
	// streamReach is how old a position may be. Box keeps two weeks of a user's
	// changes at least, and leaves out what is older without a word.
	streamReach = 13 * 24 * time.Hour
	listers     = 8    // folders listed at a time
	maxDepth    = 1000 // rounds of looking for unknown parents
	// maxTroubles is how many folders or items in a row may fail for reasons
	// of Box's before the run waits for better times.
	maxTroubles = 10
)

// list brings the draft's items up to date and returns the method it used. The
// change stream is followed also after a crawl, from the position before it:
// what moved, from a folder not yet listed into one already listed, say, turns
// up then.
func (r *run) list(ctx context.Context) (snapshot.Method, error) {
	state, err := r.draft.State(ctx, stateMethod)
	if err != nil {
		return "", err
	}
	fresh, err := r.fresh(ctx, state)
	if err != nil {
		return "", err
	}
	switch {
	case state == "":
		state, err = r.begin(ctx)
	case !fresh:
		state, err = r.beginCrawl(ctx, "An earlier backup was interrupted too long ago")
	}
	if err == nil {
		err = r.catchUp(ctx)
	}
	if err == nil {
		_, err = r.remembered(ctx, stateMissed, &r.missed)
	}
	if err == nil {
		err = r.goOnReconciling(ctx)
	}
	if err != nil {
		return "", err
	}
	if !r.mute && (state == crawling || state == crawled) { // as an earlier invocation found
		position, err := r.draft.State(ctx, statePosition)
		if err != nil {
			return "", err
		}
		r.mute = position == ""
	}
	for {
		r.covered = state == hinted
		if err := r.crawl(ctx, state == crawling); err != nil {
			return "", err
		}
		if state == crawling {
			state = crawled
			if err := r.draft.SetState(ctx, stateMethod, state); err != nil {
				return "", err
			}
		}
		err := r.follow(ctx)
		if errors.Is(err, errNoStream) {
			state, err = r.beginCrawl(ctx, "Box does not remember what changed since the last backup")
			if err != nil {
				return "", err
			}
			continue
		}
		if err == nil {
			err = r.complete(ctx, state)
		}
		return methods[state], err
	}
}

// methods are the words for how a run listed.
var methods = map[string]snapshot.Method{crawled: snapshot.Crawl, following: snapshot.UserStream, hinted: snapshot.EnterpriseStream}

// complete makes the draft a tree, lists again what waited longest, and tells
// others of what came from them.
func (r *run) complete(ctx context.Context, state string) error {
	if err := r.settle(ctx); err != nil {
		return err
	}
	if state != crawled {
		if err := r.reconcile(ctx); err != nil {
			return err
		}
	}
	return errors.Join(r.arrived(ctx), r.shared(ctx))
}

// settle looks at folders that hold items of the draft and are not in it
// themselves, until the draft is a tree. One that cannot be read is a failure, and
// what is in it has no place.
func (r *run) settle(ctx context.Context) error {
	looked := map[backup.ItemRef]bool{}
	for range maxDepth {
		unknown, err := r.draft.Settle(ctx)
		if err != nil || len(unknown) == 0 {
			return err
		}
		var refs, again []backup.ItemRef
		for _, folder := range unknown {
			if ref := folderRef(folder); looked[ref] {
				again = append(again, ref)
			} else {
				refs, looked[ref] = append(refs, ref), true
			}
		}
		more, err := r.leaveOut(ctx, again)
		if err != nil {
			return err
		}
		refs = append(refs, more...)
		if err := r.rereadAll(ctx, refs, func(backup.ItemRef) bool { return true }); err != nil {
			return err
		}
		if err := r.crawl(ctx, false); err != nil {
			return err
		}
	}
	return errors.New("folders keep moving while they are listed")
}

// leaveOut takes those folders out of the draft that could not be read, with all
// that is in them, and returns the others.
func (r *run) leaveOut(ctx context.Context, folders []backup.ItemRef) (others []backup.ItemRef, err error) {
	if len(folders) == 0 {
		return nil, nil
	}
	failures, err := r.draft.Failures(ctx)
	if err != nil {
		return nil, err
	}
	reasons := map[backup.ItemRef]string{}
	for _, f := range failures {
		reasons[f.ItemRef] = f.Reason
	}
	for _, ref := range folders {
		reason, failed := reasons[ref]
		if !failed {
			others = append(others, ref)
			continue
		}
		if err := errors.Join(r.draft.Remove(ctx, ref), r.draft.Fail(ctx, ref, reason)); err != nil {
			return nil, err
		}
	}
	return others, nil
}

// crawl lists the queued folders until none is left. Deep, it also lists every
// folder below; otherwise only those that the catalog did not know.
func (r *run) crawl(ctx context.Context, deep bool) error {
	if deep {
		if err := r.history(ctx); err != nil {
			return err
		}
	}
	troubles := troubles{max: maxTroubles}
	for {
		folders, err := r.draft.NextFolders(ctx, 4*listers)
		if err != nil || len(folders) == 0 {
			return err
		}
		pieces := make([]piece, len(folders))
		for i, folder := range folders {
			pieces[i] = listed(folder)
		}
		err = r.each(ctx, listers, together, pieces, func(ctx context.Context, i int) error {
			work := func() error { return r.listFolder(ctx, folders[i], deep) }
			return troubles.count(r.guard(ctx, pieces[i], work, func() error { return r.failFolder(ctx, folders[i], poisonReason) }))
		})
		if err != nil {
			return errors.Join(context.Cause(ctx), err)
		}
		if err := r.step(ctx); err != nil {
			return err
		}
	}
}

// listFolder reads one folder's items, page by page, and goes on where an
// earlier invocation stopped. A folder that Box no longer has is removed from
// the draft; one that it will not list is a failure of the run, and what was
// known of it stays.
func (r *run) listFolder(ctx context.Context, folder string, deep bool) error {
	client, err := r.lister(ctx)
	if err != nil {
		return err
	}
	marker, err := r.draft.Marker(ctx, folder)
	if err != nil {
		return err
	}
	for {
		page, err := client.FolderItems(ctx, folder, marker)
		if err == nil && folder == backup.RootFolder && marker == "" && len(page.Entries) == 0 && page.Next == "" && r.user.Items > 0 {
			// All gone at once is worth a second look.
			page, err = client.FolderItems(ctx, folder, "")
		}
		if err != nil && marker != "" && box.IsRefused(err) { // Box lets markers expire
			marker = ""
			if err := r.draft.Restart(ctx, folder); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return r.unlisted(ctx, folder, err)
		}
		items, err := r.convertAll(ctx, folder, page.Entries, deep)
		if err != nil {
			return err
		}
		if err := r.compare(ctx, folder, items); err != nil {
			return err
		}
		missed, err := r.draft.Page(ctx, folder, page.Next, r.Now(), items...)
		if err != nil {
			return err
		}
		if !deep || r.mute {
			err = r.miss(ctx, folder, missed)
		}
		if err := errors.Join(err, r.count(ctx)); err != nil {
			return err
		}
		if marker = page.Next; marker == "" {
			return nil
		}
	}
}

// convertAll makes catalog items of a folder's items and queues the folders
// among them that are to be listed as well: all when deep, else the new ones.
func (r *run) convertAll(ctx context.Context, folder string, found []box.Item, deep bool) ([]catalog.Item, error) {
	items := make([]catalog.Item, len(found))
	var below []string
	for i := range found {
		item, err := r.convert(ctx, folder, &found[i])
		if err != nil {
			return nil, err
		}
		if err := r.notice(ctx, &found[i], &item, deep); err != nil {
			return nil, err
		}
		items[i] = item
		if item.Kind != backup.Folder {
			continue
		}
		known, err := r.draft.Item(ctx, item.ItemRef)
		if err != nil && backup.KindOf(err) != backup.NotFound {
			return nil, err
		}
		held := err == nil && known.State != catalog.Reference
		switch {
		case item.State == catalog.Reference && held: // given to another owner, with all that is in it
			if err := r.draft.Listed(ctx, item.ID, nil); err != nil {
				return nil, err
			}
		case item.State != catalog.Reference && (deep || !held):
			below = append(below, item.ID)
		}
	}
	return items, r.draft.Enqueue(ctx, below...)
}

func (r *run) unlisted(ctx context.Context, folder string, err error) error {
	switch {
	case ctx.Err() != nil || ends(err) || folder == backup.RootFolder:
		return err
	case box.IsNotFound(err):
		gone, lookErr := r.gone(ctx, folderRef(folder))
		if lookErr != nil {
			return lookErr
		}
		if gone {
			if err := r.draft.Remove(ctx, folderRef(folder)); err != nil {
				return err
			}
			return r.draft.Done(ctx, folder)
		}
	}
	if err := r.failFolder(ctx, folder, reasonFor(err)); err != nil {
		return err
	}
	if box.IsBusy(err) {
		return trouble{err}
	}
	return nil
}

// gone looks again at an item of which Box says that it is not there, because
// what is taken from a snapshot by mistake, no event brings back.
func (r *run) gone(ctx context.Context, ref backup.ItemRef) (bool, error) {
	_, err := r.client.Item(ctx, ref)
	switch {
	case box.IsNotFound(err):
		return true, nil
	case err != nil && (ctx.Err() != nil || ends(err)):
		return false, err
	}
	return false, nil
}

// failFolder records that a folder could not be listed. Without its root folder
// there is no backup.
func (r *run) failFolder(ctx context.Context, folder, reason string) error {
	if folder == backup.RootFolder {
		return errors.New("the root folder cannot be listed")
	}
	if err := r.draft.Fail(ctx, folderRef(folder), reason); err != nil {
		return err
	}
	return r.draft.Done(ctx, folder)
}

func folderRef(id string) backup.ItemRef { return backup.ItemRef{Kind: backup.Folder, ID: id} }

// trouble is a failure that is Box's, recorded with its item already.
type trouble struct{ error }

// troubles lets single troubles pass and gives up after many in a row.
type troubles struct {
	max int
	mu  sync.Mutex
	row int
}

func (t *troubles) count(err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	passing, ok := errors.AsType[trouble](err)
	if !ok {
		t.row = 0
		return err
	}
	if t.row++; t.row >= t.max {
		return fmt.Errorf("%d troubles in a row, the last: %w", t.row, passing.error)
	}
	return nil
}
