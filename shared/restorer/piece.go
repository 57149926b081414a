package restorer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
	"coffer/shared/job"
)

// piece is the work on one item.
type piece struct {
	*work
	item   *catalog.Item
	parent string // Box id of the folder it belongs into
	begun  bool   // an earlier invocation may have created it
	alone  bool   // nothing else is being worked on
	entry  *job.Entry
	past   []version // versions to restore before the latest, oldest first
}

// restore brings the item back and completes its ledger line.
func (p *piece) restore(ctx context.Context) error {
	if err := p.lookBack(ctx); err != nil {
		return err
	}
	if p.job.Mode != backup.NonDestructive {
		there, ok, err := p.find(ctx, p.item, p.parent)
		if err != nil {
			return err
		}
		if ok {
			return p.exists(ctx, there)
		}
	}
	return p.named(ctx, func(name string) error {
		made, err := p.create(ctx, name)
		if err != nil {
			return err
		}
		return p.created(ctx, made)
	})
}

// exists deals with an item that is at Box, known by its id or, where it was
// created anew, by its name.
func (p *piece) exists(ctx context.Context, there box.Item) error {
	p.settled(job.Kept, there)
	if p.job.Mode == backup.Bypass {
		return nil
	}
	err := p.named(ctx, func(name string) error {
		u, differs := p.attributes(there, name)
		if !differs {
			return nil
		}
		updated, err := p.client.Update(ctx, there.Ref(), "", u)
		if err == nil {
			p.settled(job.Replaced, updated)
			there = updated
		}
		return err
	})
	if err == nil && p.item.Kind == backup.File {
		err = p.overwrite(ctx, there)
	}
	if err != nil {
		return err
	}
	return p.dress(ctx, there.Ref(), false)
}

// overwrite makes the item's content the file's current version, unless it is.
// A file that was changed since it was looked at is looked at once more.
func (p *piece) overwrite(ctx context.Context, there box.Item) (err error) {
	for range 2 {
		if got, err := there.Content(); err == nil && got == p.item.Content {
			return nil
		}
		var updated box.Item
		if updated, err = p.upload(ctx, there.ID, there.ETag, "", p.latest()); err == nil {
			p.settled(job.Replaced, updated)
			return nil
		}
		if !box.IsConflict(err) || box.IsBusy(err) {
			return err
		}
		if there, err = p.client.File(ctx, there.ID); err != nil {
			return err
		}
	}
	return errChanged
}

// attributes returns what has to change of an item for it to be as it was.
func (p *piece) attributes(there box.Item, name string) (u box.Update, differs bool) {
	it := p.item
	if there.Name != name {
		u.Name, differs = &name, true
	}
	if there.Parent.ID != "" && there.Parent.ID != p.parent {
		u.Parent, differs = &box.Parent{ID: p.parent}, true
	}
	if there.Description != it.Description {
		u.Description, differs = &it.Description, true
	}
	if it.Kind != backup.WebLink && !slices.Equal(there.Tags, it.Tags) {
		tags := append([]string{}, it.Tags...)
		u.Tags, differs = &tags, true
	}
	if it.Kind == backup.WebLink && there.URL != it.URL {
		u.URL, differs = &it.URL, true
	}
	if it.Kind == backup.File && !it.ContentModifiedAt.IsZero() {
		at := it.ContentModifiedAt.Truncate(time.Second)
		if same, err := there.Content(); err == nil && same == it.Content && !there.ContentModifiedAt.Truncate(time.Second).Equal(at) {
			u.ContentModifiedAt, differs = &at, true
		}
	}
	return u, differs
}

// settled notes the outcome, the item's name where it is another now, and where
// a folder is.
func (p *piece) settled(o job.Outcome, there box.Item) {
	p.entry.Outcome, p.entry.BoxID = o, there.ID
	if o != job.Kept && there.Name != p.item.Name {
		p.entry.Reason = fmt.Sprintf("Its name is taken, it is now called %q.", there.Name) // the first sentence
	}
	if p.item.Kind == backup.Folder {
		p.setPlace(p.item.ID, there.ID)
	}
}

// create creates the item under a name.
func (p *piece) create(ctx context.Context, name string) (box.Item, error) {
	switch p.item.Kind {
	case backup.Folder:
		return p.client.CreateFolder(ctx, p.parent, name)
	case backup.WebLink:
		return p.client.CreateWebLink(ctx, p.parent, name, p.item.URL, p.item.Description)
	}
	return p.upload(ctx, "", "", name, p.sequence()[0])
}

// created completes an item that this job has created.
func (p *piece) created(ctx context.Context, made box.Item) error {
	p.settled(job.Created, made)
	made, err := p.stack(ctx, made)
	if err != nil {
		return err
	}
	u, differs := p.attributes(made, made.Name)
	if !differs {
		return p.dress(ctx, made.Ref(), !p.begun)
	}
	_, err = p.client.Update(ctx, made.Ref(), "", u)
	if reason := reasonFor(err); err != nil && reason != "" && ctx.Err() == nil && !ends(err) {
		p.note("It was restored without its description and tags: " + reason)
		err = nil
	}
	if err != nil {
		return err
	}
	return p.dress(ctx, made.Ref(), !p.begun)
}

// note adds a sentence to what the ledger says of the item.
func (p *piece) note(sentence string) {
	p.entry.Reason = strings.TrimSpace(p.entry.Reason + " " + sentence)
}

// upload sends a content, as a new file or as a new version of one.
func (p *piece) upload(ctx context.Context, file, etag, name string, v version) (box.Item, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f := box.NewFile{
		Parent: p.parent, Name: name, Content: v.Content, ContentCreatedAt: p.item.ContentCreatedAt, ContentModifiedAt: v.modified,
		Open: func(ctx context.Context) (io.ReadCloser, error) {
			content, err := p.vault.Read(ctx, v.Content)
			return &source{ReadCloser: content, cancel: cancel, sent: p.sent}, err
		},
	}
	switch {
	case f.Size <= box.MaxDirect && file == "":
		return p.client.Upload(ctx, f)
	case f.Size <= box.MaxDirect:
		return p.client.UploadVersion(ctx, file, etag, f)
	}
	p.large.Lock() // parts are held in memory while they are sent
	defer p.large.Unlock()
	if made, ok, err := p.continued(ctx, etag, f); ok || err != nil {
		return made, err
	}
	if file == "" {
		return p.client.UploadChunked(ctx, f, func(s box.Session) error { return p.keep(ctx, s) })
	}
	return p.client.UploadVersionChunked(ctx, file, etag, f, func(s box.Session) error { return p.keep(ctx, s) })
}

// sent notes how many bytes of the content have been sent.
func (p *piece) sent(bytes int64) {
	p.flies(job.Entry{Ref: p.item.ItemRef, Outcome: job.Intended, Size: bytes})
}

// keep notes the session of a large upload, so that the parts that are sent
// need not be sent again.
func (p *piece) keep(ctx context.Context, s box.Session) error {
	text, err := json.Marshal(struct {
		ID       string `json:"id"`
		PartSize int64  `json:"part_size"`
	}{s.ID, s.PartSize})
	if err != nil {
		return err
	}
	p.entry.Session = string(text)
	e := *p.entry
	e.Outcome = job.Intended
	return p.Jobs.Record(ctx, p.state(), e)
}

// continued goes on with the session that an earlier invocation left, where it
// can. One that is gone has expired or has become the file.
func (p *piece) continued(ctx context.Context, etag string, f box.NewFile) (made box.Item, ok bool, err error) {
	if p.entry.Session == "" {
		return box.Item{}, false, nil
	}
	var s box.Session
	if err := json.Unmarshal([]byte(p.entry.Session), &s); err != nil {
		return box.Item{}, false, nil // it can only have been written by another version of this program
	}
	p.entry.Session = ""
	made, err = p.client.Resume(ctx, s, etag, f)
	if e, refused := errors.AsType[*box.Error](err); refused && e.Status >= 400 && e.Status < 500 && !box.IsBusy(err) {
		return box.Item{}, false, nil
	}
	return made, err == nil, err
}

// source is a content on its way to Box. Damage ends the upload at once: trying
// again would not help.
type source struct {
	io.ReadCloser
	cancel context.CancelCauseFunc
	sent   func(bytes int64)
	bytes  int64
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.ReadCloser.Read(b)
	s.bytes += int64(n)
	s.sent(s.bytes)
	if err != nil && err != io.EOF && damaged(err) {
		s.cancel(err)
	}
	return n, err
}
