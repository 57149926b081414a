package archiver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
)

// point notes that something, an event say, pointed at an item: its details are
// read again although the listing may show no difference.
func (r *run) point(ref backup.ItemRef) {
	r.pointedMu.Lock()
	defer r.pointedMu.Unlock()
	r.pointed[ref] = true
}

func (r *run) isPointed(ref backup.ItemRef) bool {
	r.pointedMu.Lock()
	defer r.pointedMu.Unlock()
	return r.pointed[ref]
}

// notice queues the parts of a listed item that have to be read: those of which
// the listing says that there is something, where the item is new or differs,
// where what the listing says of the part differs, or where something pointed
// at the item. In a crawl, which is made because nothing tells what happened, they
// are read all, but past versions, which are as many as the listing says. It is
// called before the item is put into the draft.
func (r *run) notice(ctx context.Context, from *box.Item, item *catalog.Item, crawl bool) error {
	if item.Kind == backup.WebLink {
		return nil
	}
	before, err := r.draft.Item(ctx, item.ItemRef)
	fresh := backup.KindOf(err) == backup.NotFound
	if err != nil && !fresh {
		return err
	}
	known, err := r.draft.Details(ctx, item.ItemRef)
	if err != nil {
		return err
	}
	differs := fresh || r.isPointed(item.ItemRef) || before.ETag != item.ETag || before.SequenceID != item.SequenceID ||
		before.VersionID != item.VersionID || before.State != item.State
	told := r.says(from, item)
	if item.Kind == backup.File && item.State != catalog.Reference {
		// No listing tells of tasks: those that are known stay until they are read again.
		if told[catalog.Tasks] = known.Told(catalog.Tasks); r.tasked[item.ID] {
			told[catalog.Tasks] = 1
		}
	}
	var parts []catalog.Inspection
	for part := catalog.Collaborations; part <= catalog.Versions; part++ {
		p := catalog.Inspection{ItemRef: item.ItemRef, Part: part, Told: told[part]}
		switch before := known.Told(part); {
		case p.Told == 0 && before != 0:
			err = r.draft.Describe(ctx, p, catalog.Details{})
		case p.Told == 0 || p.Told == before && !differs && (!crawl || part == catalog.Versions):
		default:
			parts = append(parts, p)
		}
		if err != nil {
			return err
		}
	}
	return r.draft.Inspect(ctx, parts...)
}

// says is what Box's listing says of each part, 0 where there is nothing to
// read. What is another Box user's is described in that user's backup, and who
// may see another company's items is that company's business.
func (r *run) says(from *box.Item, item *catalog.Item) map[catalog.Part]int64 {
	told := map[catalog.Part]int64{}
	if item.State == catalog.Reference {
		return told
	}
	if from.HasCollaborations && !from.ExternallyOwned {
		told[catalog.Collaborations] = 1
	}
	if r.metadataElsewhere(from) {
		told[catalog.Metadata] = 1
	}
	if item.Kind != backup.File {
		return told
	}
	told[catalog.Comments] = from.CommentCount
	if r.task.Policy.Versions && from.VersionNumber > 1 {
		told[catalog.Versions] = from.VersionNumber
	}
	return told
}

// describe reads the parts that are queued.
func (r *run) describe(ctx context.Context) error {
	troubles := troubles{max: maxTroubles}
	for {
		parts, err := r.draft.Inspections(ctx, 8*listers)
		if err != nil || len(parts) == 0 {
			return err
		}
		pieces := make([]piece, len(parts))
		for i, p := range parts {
			pieces[i] = described(p)
		}
		err = r.each(ctx, listers, together, pieces, func(ctx context.Context, i int) error {
			work := func() error { return r.inspect(ctx, parts[i]) }
			return troubles.count(r.guard(ctx, pieces[i], work, func() error { return r.draft.FailPart(ctx, parts[i], poisonReason) }))
		})
		if err != nil {
			return errors.Join(context.Cause(ctx), err)
		}
		if err := r.step(ctx); err != nil {
			return err
		}
	}
}

// inspect reads one part. One that Box refuses is a line in the ledger; what
// was known of it stays.
func (r *run) inspect(ctx context.Context, p catalog.Inspection) error {
	found, err := r.read(ctx, p)
	switch {
	case err == nil:
		return r.draft.Describe(ctx, p, found)
	case ctx.Err() != nil || ends(err):
		return err
	case box.IsNotFound(err):
		if _, err := r.client.Item(ctx, p.ItemRef); box.IsNotFound(err) {
			return r.draft.Remove(ctx, p.ItemRef)
		}
	}
	if err := r.draft.FailPart(ctx, p, partReason(p.Part, err)); err != nil {
		return err
	}
	if box.IsBusy(err) {
		return trouble{err}
	}
	return nil
}

// read asks Box for one part.
func (r *run) read(ctx context.Context, p catalog.Inspection) (d catalog.Details, err error) {
	switch p.Part {
	case catalog.Collaborations:
		d.Collaborations, err = r.collaborations(ctx, p.ItemRef)
	case catalog.Comments:
		d.Comments, err = r.comments(ctx, p.ID)
	case catalog.Tasks:
		d.Tasks, err = r.tasksOf(ctx, p.ID)
	case catalog.Metadata:
		d.Metadata, err = r.metadata(ctx, p.ItemRef)
	case catalog.Versions:
		d.Versions, err = r.versions(ctx, p.ID)
	}
	return d, err
}

// collaborations are those of the item itself: Box may tell of those that it
// has from folders above as well.
func (r *run) collaborations(ctx context.Context, ref backup.ItemRef) ([]catalog.Collaboration, error) {
	found, err := r.client.Collaborations(ctx, ref)
	if err != nil {
		return nil, err
	}
	var all []catalog.Collaboration
	for _, c := range found {
		if c.Item.ID != "" && c.Item.ID != ref.ID {
			continue
		}
		kept := catalog.Collaboration{
			ID: c.ID, Role: c.Role, Status: c.Status, Who: who(c.AccessibleBy), Invited: c.InviteEmail,
			ViewPath: c.CanViewPath, AccessOnly: c.AccessOnly, Expires: c.ExpiresAt, Created: c.CreatedAt, By: who(c.CreatedBy),
		}
		if kept.Invited != "" {
			kept.Who = catalog.Person{}
		}
		all = append(all, kept)
	}
	slices.SortFunc(all, func(a, b catalog.Collaboration) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

func (r *run) comments(ctx context.Context, file string) ([]catalog.Comment, error) {
	found, err := r.client.Comments(ctx, file)
	if err != nil {
		return nil, err
	}
	all := make([]catalog.Comment, len(found))
	for i, c := range found {
		all[i] = catalog.Comment{
			ID: c.ID, Message: c.Message, Tagged: c.TaggedMessage, By: who(c.CreatedBy), Created: c.CreatedAt, Modified: c.ModifiedAt,
		}
		if c.Reply && c.Item.Type == "comment" {
			all[i].ReplyTo = c.Item.ID
		}
	}
	slices.SortStableFunc(all, func(a, b catalog.Comment) int { return a.Created.Compare(b.Created) })
	return all, nil
}

// metadata are the instances that the listing does not tell.
func (r *run) metadata(ctx context.Context, ref backup.ItemRef) ([]json.RawMessage, error) {
	client, err := r.lister(ctx)
	if err != nil {
		return nil, err
	}
	found, err := client.Metadata(ctx, ref)
	if err != nil {
		return nil, err
	}
	inline := r.fields.names()
	var all []json.RawMessage
	for _, m := range found {
		scope, template := unquote(m["$scope"]), unquote(m["$template"])
		if inline["metadata."+scope+"."+template] {
			continue
		}
		text, err := json.Marshal(instance(m))
		if err != nil {
			return nil, fmt.Errorf("metadata of %s: %w", ref, err)
		}
		all = append(all, text)
	}
	return all, nil
}

// instance leaves out what depends on where and to whom Box shows metadata.
func instance(m map[string]json.RawMessage) map[string]json.RawMessage {
	m = maps.Clone(m)
	delete(m, "$parent")
	delete(m, "$canEdit")
	return m
}

func unquote(text json.RawMessage) string {
	var s string
	_ = json.Unmarshal(text, &s) // what is no text is none of ours
	return s
}

func who(m box.Mini) catalog.Person {
	return catalog.Person{Type: m.Type, ID: m.ID, Name: m.Name, Login: m.Login}
}

// partReason is the sentence that a person reads about details that could not
// be backed up.
func partReason(p catalog.Part, err error) string {
	what := map[catalog.Part]string{
		catalog.Collaborations: "Its collaborations", catalog.Comments: "Its comments", catalog.Tasks: "Its tasks",
		catalog.Metadata: "Its metadata", catalog.Versions: "The list of its past versions",
	}[p]
	switch {
	case box.IsForbidden(err):
		return what + " could not be backed up: Box refuses to show them to the Box user."
	case isBoxTrouble(err):
		return what + " could not be backed up: Box could not serve the request, several times."
	}
	return fmt.Sprintf("%s could not be backed up (%s).", what, backup.KindOf(err))
}
