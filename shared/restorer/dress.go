package restorer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
)

// dress gives an item that has its content what else the job asks for and the
// snapshot has. Fresh says that nothing of it can be there yet. What Box refuses
// is said in the ledger and leaves the item restored; only a trouble that may
// pass, or ends the job, is an error.
func (p *piece) dress(ctx context.Context, ref backup.ItemRef, fresh bool) error {
	include := p.job.Include
	if p.item.Kind == backup.WebLink || !include.Comments && !include.Metadata {
		return nil
	}
	d, err := p.catalog.Details(ctx, p.job.Sealed(), p.item.ItemRef)
	if err != nil {
		return fmt.Errorf("details: %w", err)
	}
	if include.Metadata {
		if err := p.metadata(ctx, ref, d.Metadata, fresh); err != nil {
			return err
		}
	}
	if include.Comments && len(d.Comments) > 0 {
		return p.refused(ctx, "Its comments are not all restored.", p.comments(ctx, ref.ID, d.Comments, fresh))
	}
	return nil
}

// refused turns what Box refuses into a sentence of the ledger.
func (p *piece) refused(ctx context.Context, what string, err error) error {
	if err == nil {
		return nil
	}
	reason := reasonFor(err)
	if reason == "" || ctx.Err() != nil || ends(err) {
		return err
	}
	p.note(what + " " + reason)
	return nil
}

// instance is what an item had of a metadata template.
type instance struct {
	scope, template string
	fields          box.Metadata
}

// instances are all that the snapshot has of an item.
func instances(it *catalog.Item, more []json.RawMessage) ([]instance, error) {
	var extra struct {
		Metadata map[string]map[string]box.Metadata `json:"metadata"`
	}
	if len(it.Extra) > 0 {
		if err := json.Unmarshal(it.Extra, &extra); err != nil {
			return nil, fmt.Errorf("metadata: %w", err)
		}
	}
	var all []instance
	for scope, templates := range extra.Metadata {
		for template, fields := range templates {
			all = append(all, instance{scope, template, own(fields)})
		}
	}
	for _, text := range more {
		var m box.Metadata
		if err := json.Unmarshal(text, &m); err != nil {
			return nil, fmt.Errorf("metadata: %w", err)
		}
		var scope, template string
		if json.Unmarshal(m["$scope"], &scope) == nil && json.Unmarshal(m["$template"], &template) == nil {
			all = append(all, instance{scope, template, own(m)})
		}
	}
	return all, nil
}

// own leaves out the fields that are Box's.
func own(m box.Metadata) box.Metadata {
	fields := box.Metadata{}
	for name, value := range m {
		if !strings.HasPrefix(name, "$") {
			fields[name] = value
		}
	}
	return fields
}

// metadata makes the instances that the snapshot has what they were. Those of
// other templates stay.
func (p *piece) metadata(ctx context.Context, ref backup.ItemRef, more []json.RawMessage, fresh bool) error {
	all, err := instances(p.item, more)
	if err != nil || len(all) == 0 {
		return err
	}
	there := map[string]box.Metadata{}
	if !fresh {
		found, err := p.client.Metadata(ctx, ref)
		if err := p.refused(ctx, "Its metadata is not restored.", err); err != nil {
			return err
		}
		for _, m := range found {
			var scope, template string
			if json.Unmarshal(m["$scope"], &scope) == nil && json.Unmarshal(m["$template"], &template) == nil {
				there[scope+"."+template] = own(m)
			}
		}
	}
	for _, in := range all {
		err := p.instance(ctx, ref, in, there[in.scope+"."+in.template])
		what := fmt.Sprintf("Its metadata %q is not restored.", in.template)
		if e, ok := errors.AsType[*box.Error](err); ok && e.Status == http.StatusNotFound && !box.IsUserUnreachable(err) {
			p.note(what + " Box has no such template any more.")
			continue
		}
		if err := p.refused(ctx, what, err); err != nil {
			return err
		}
	}
	return nil
}

// instance creates an instance, or changes the one that is there.
func (p *piece) instance(ctx context.Context, ref backup.ItemRef, in instance, there box.Metadata) error {
	if there == nil {
		_, err := p.client.CreateMetadata(ctx, ref, in.scope, in.template, in.fields)
		return err
	}
	change := box.Metadata{}
	for name, value := range in.fields {
		if !bytes.Equal(there[name], value) {
			change[name] = value
		}
	}
	for name := range there {
		if in.fields[name] == nil {
			change[name] = nil
		}
	}
	if len(change) == 0 {
		return nil
	}
	_, err := p.client.UpdateMetadata(ctx, ref, in.scope, in.template, change)
	return err
}

// comments adds the comments that a file lacks, each under the Box user's name,
// with who wrote it and when in its text: Box lets nobody set either.
func (p *piece) comments(ctx context.Context, file string, all []catalog.Comment, fresh bool) error {
	there := map[string]string{} // originals by id, restored ones by text; to the id at Box
	if !fresh {
		found, err := p.client.Comments(ctx, file)
		if err != nil {
			return err
		}
		for _, c := range found {
			there["id "+c.ID], there["text "+c.Message] = c.ID, c.ID
		}
	}
	ids := map[string]string{} // of the snapshot's comments at Box
	for n, c := range all {
		text := quoted(c, n, all)
		if id := there["id "+c.ID]; id != "" {
			ids[c.ID] = id
			continue
		}
		if id := there["text "+text]; id != "" {
			ids[c.ID] = id
			continue
		}
		on := box.Mini{Type: "file", ID: file}
		if ids[c.ReplyTo] != "" {
			on = box.Mini{Type: "comment", ID: ids[c.ReplyTo]}
		}
		made, err := p.client.CreateComment(ctx, on, text)
		if err != nil {
			return err
		}
		ids[c.ID] = made.ID
	}
	return nil
}

// quoted is the text of a restored comment. It differs for each, so that those
// which are there already are told from those which are not.
func quoted(c catalog.Comment, n int, all []catalog.Comment) string {
	text := plainComment(c)
	same := 0
	for _, earlier := range all[:n] {
		if plainComment(earlier) == text {
			same++
		}
	}
	if same > 0 {
		text += fmt.Sprintf(" (%d)", same+1)
	}
	return text
}

func plainComment(c catalog.Comment) string {
	by := c.By.Name
	if by == "" {
		by = c.By.Login
	}
	return fmt.Sprintf("%s, %s UTC: %s", by, c.Created.UTC().Format(time.DateTime), c.Message)
}
