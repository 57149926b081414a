package archiver

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/task"
)

// begin decides how to list. What failed in the snapshot before is looked at
// again, whatever the streams say.
func (r *run) begin(ctx context.Context) (string, error) {
	covered := r.task.Covers(r.user)
	switch {
	case r.user.Snapshot == "":
		return r.beginCrawl(ctx, firstBackup)
	case covered:
		forgotten, err := r.forgotten(ctx, r.user.Began)
		if err != nil {
			return "", err
		}
		if forgotten {
			return r.beginCrawl(ctx, tooOld)
		}
		if r.user.Cursor == "" && !r.upToDate() {
			return r.beginCrawl(ctx, unknown)
		}
	case r.user.Cursor == "":
		return r.beginCrawl(ctx, unknown)
	case r.Now().Sub(r.user.LastBackup) > streamReach:
		return r.beginCrawl(ctx, tooOld)
	}
	began, position, reached := r.Now(), r.user.Cursor, r.user.LastBackup
	if covered {
		reached = r.user.Began
	}
	if position == "" {
		var err error
		if position, err = r.changesNow(ctx); err != nil {
			return "", err
		}
	}
	failures, err := r.catalog.Failures(ctx, r.user.LatestSealed())
	if err != nil {
		return "", err
	}
	again := make([]backup.ItemRef, len(failures))
	for i, f := range failures {
		again[i] = f.ItemRef
	}
	if err := r.lookAgain(ctx, again); err != nil {
		return "", err
	}
	if err := r.reached(ctx, position, reached); err != nil {
		return "", err
	}
	versions, err := r.olderVersions(ctx)
	if err != nil {
		return "", err
	}
	if covered {
		return hinted, r.beginAs(ctx, hinted, began, versions)
	}
	why := r.task.FeedReason
	if r.task.Feed != task.UserFeed {
		why = "The enterprise's events do not reach back to the last backup, so the Box user's own changes were asked for."
	}
	return following, r.beginAs(ctx, following, began, strings.TrimSpace(why+" "+versions))
}

// lookAgain lists and reads what has failed.
func (r *run) lookAgain(ctx context.Context, failed []backup.ItemRef) error {
	var single []backup.ItemRef
	for _, ref := range failed {
		if ref.Kind == backup.Folder {
			if err := r.draft.Enqueue(ctx, ref.ID); err != nil {
				return err
			}
		}
		if ref != rootRef {
			single = append(single, ref)
		}
	}
	return r.rereadAll(ctx, single, func(backup.ItemRef) bool { return true })
}

// catchUp looks again at what failed in the runs that left the draft behind.
func (r *run) catchUp(ctx context.Context) error {
	left, err := r.draft.Left(ctx)
	if err != nil || len(left) == 0 {
		return err
	}
	if err := r.lookAgain(ctx, left); err != nil {
		return err
	}
	return r.draft.NoneLeft(ctx)
}

// olderVersions queues the folders in which there may be files with past
// versions, where the policy asks for these and did not for the latest snapshot.
// It returns the sentence that says so.
func (r *run) olderVersions(ctx context.Context) (string, error) {
	if lacks, _ := r.task.Lacks(r.user); !lacks {
		return "", nil
	}
	folders, err := r.draft.Revised(ctx)
	if err != nil || len(folders) == 0 {
		return "", err
	}
	return "Past versions are backed up from now on, so every folder with files that were ever changed was listed.", r.draft.Enqueue(ctx, folders...)
}

// beginAs keeps how and since when the draft is listed.
func (r *run) beginAs(ctx context.Context, state string, began time.Time, why string) error {
	if err := r.draft.SetState(ctx, stateBegan, began.UTC().Format(time.RFC3339Nano)); err != nil {
		return err
	}
	if err := r.draft.SetState(ctx, stateWhy, why); err != nil {
		return err
	}
	versions := ""
	if r.task.Policy.Versions {
		versions = "yes"
	}
	if err := r.draft.SetState(ctx, stateVersions, versions); err != nil {
		return err
	}
	return r.draft.SetState(ctx, stateMethod, state)
}

// reached keeps the position in the change stream and when it was read.
func (r *run) reached(ctx context.Context, position string, at time.Time) error {
	if err := r.draft.SetState(ctx, statePosition, position); err != nil {
		return err
	}
	return r.draft.SetState(ctx, stateReached, at.UTC().Format(time.RFC3339))
}

// fresh reports whether what tells of changes still reaches back to where the
// draft is: it may be of a run that was given up long ago.
func (r *run) fresh(ctx context.Context, state string) (bool, error) {
	at, err := r.when(ctx, stateReached)
	if err != nil {
		return false, err
	}
	began, err := r.when(ctx, stateBegan)
	if err != nil {
		return false, err
	}
	// Who was not backed up on schedule meanwhile got no hints, but lost Began.
	told := r.task.Feed == task.EnterpriseFeed && !began.Before(r.task.Since) && !r.user.Began.IsZero()
	if state == hinted {
		forgotten, err := r.forgotten(ctx, at)
		return told && !forgotten, err
	}
	position, err := r.draft.State(ctx, statePosition)
	if err != nil {
		return false, err
	}
	if position == "" && !told && r.user.RunAsked.Sub(began) > clockSkew { // it is of an earlier run
		return false, nil
	}
	return r.Now().Sub(at) <= streamReach, nil
}

// clockSkew is by how much two workers' clocks may differ.
const clockSkew = time.Minute

// forgotten reports whether Box may have forgotten, of what happened since then,
// what the Box user's own stream alone tells.
func (r *run) forgotten(ctx context.Context, since time.Time) (bool, error) {
	if r.Now().Sub(since) <= streamReach {
		return false, nil
	}
	err := r.alone(ctx)
	if errors.Is(err, errNoStream) {
		return true, nil
	}
	return false, err
}

// when returns the time that the draft's state has under a key, or the zero
// time.
func (r *run) when(ctx context.Context, key string) (time.Time, error) {
	text, err := r.draft.State(ctx, key)
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, nil // never
	}
	return at, nil
}

// beginCrawl notes the position in the change stream, takes the hints so far as
// heard and queues the root. Listings that a draft had begun are begun anew.
// Reason begins the sentence that says why.
func (r *run) beginCrawl(ctx context.Context, reason string) (string, error) {
	begun, err := r.draft.NextFolders(ctx, math.MaxInt32)
	if err != nil {
		return "", err
	}
	for _, folder := range begun {
		if err := r.draft.Restart(ctx, folder); err != nil {
			return "", err
		}
	}
	now := r.Now()
	keys, err := r.readHints(ctx, dirty{})
	if err != nil {
		return "", err
	}
	position := ""
	if !r.mute {
		if position, err = r.changesNow(ctx); err != nil {
			return "", err
		}
	}
	if err := r.reached(ctx, position, now); err != nil {
		return "", err
	}
	if err := r.heard(ctx, keys); err != nil {
		return "", err
	}
	if err := r.draft.Enqueue(ctx, backup.RootFolder); err != nil {
		return "", err
	}
	switch {
	case r.mute && reason == firstBackup:
		reason += ", and " + muteReason
	case r.mute:
		reason = muteReason
	}
	return crawling, r.beginAs(ctx, crawling, now, reason+", so every folder was listed.")
}

// These begin the sentence that says why.
const (
	firstBackup = "This is the first backup"
	unknown     = "It is not known up to where changes were followed"
	tooOld      = "Box does not remember everything that changed since the last backup"
	muteReason  = "Box does not let this Box user's own changes be read"
)

// changesNow returns the present position in the change stream, or none where
// Box refuses to tell: then the run is mute.
func (r *run) changesNow(ctx context.Context) (string, error) {
	position, err := r.client.ChangesNow(ctx)
	if box.IsForbidden(err) {
		r.mute = true
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("position in the change stream: %w", err)
	}
	return position, nil
}
