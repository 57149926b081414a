package archiver

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
)

const (
	// inlineLength bounds the templates' names in the address of a listing.
	inlineLength = 4000
	// templatesFor is how long the templates of an enterprise are remembered.
	templatesFor = time.Hour
	globalFields = "metadata.global.properties" // which every listing asks for
)

// fields are the metadata templates that listings of a task ask for, so that
// metadata costs no call per item.
type fields struct {
	asked []string // as names of fields
	more  bool     // there are templates that did not fit, or they could not be listed
	read  time.Time
}

// names returns the fields that listings tell.
func (f *fields) names() map[string]bool {
	names := map[string]bool{globalFields: true}
	for _, name := range f.asked {
		names[name] = true
	}
	return names
}

// templates remembers the fields of tasks between runs.
type templates struct {
	mu    sync.Mutex
	tasks map[backup.TaskID]fields
}

// lister returns the client whose listings tell the metadata of all templates.
// Templates are read when a run lists something and those that are known are an
// hour old, or older than what the run is to see: an item may have metadata of a
// template that was made meanwhile.
func (r *run) lister(ctx context.Context) (*box.Client, error) {
	r.templates.mu.Lock()
	defer r.templates.mu.Unlock()
	if r.asking != nil {
		return r.asking, nil
	}
	known, ok := r.templates.tasks[r.task.ID]
	if !ok || r.Now().Sub(known.read) > templatesFor || known.read.Before(r.user.RunAsked) || known.read.Before(r.task.ReadAt) {
		var err error
		if known, err = r.readTemplates(ctx); err != nil {
			return nil, fmt.Errorf("metadata templates: %w", err)
		}
		if r.templates.tasks == nil || len(r.templates.tasks) > 1000 {
			r.templates.tasks = map[backup.TaskID]fields{}
		}
		r.templates.tasks[r.task.ID] = known
	}
	r.fields, r.asking = known, r.client.Asking(known.asked...)
	return r.asking, nil
}

// readTemplates reads those of the enterprise and Box's own.
func (r *run) readTemplates(ctx context.Context) (fields, error) {
	f := fields{read: r.Now()}
	length := 0
	for _, scope := range []string{"enterprise", "global"} {
		for marker := ""; ; {
			page, err := r.client.Templates(ctx, scope, marker)
			if box.IsForbidden(err) || box.IsNotFound(err) && !box.IsUserUnreachable(err) {
				f.more = true
				break
			}
			if err != nil {
				return fields{}, err
			}
			for _, t := range page.Entries {
				name := "metadata." + t.Scope + "." + t.Key
				if name == globalFields {
					continue
				}
				if length += len(name) + 1; length > inlineLength {
					f.more = true
					continue
				}
				f.asked = append(f.asked, name)
			}
			if marker = page.Next; marker == "" {
				break
			}
		}
	}
	slices.Sort(f.asked)
	return f, nil
}

// metadataElsewhere reports whether the item may have metadata that its listing
// does not tell.
func (r *run) metadataElsewhere(item *box.Item) bool {
	if r.fields.more {
		return true
	}
	// A classification is metadata, of a template that may not be listed.
	return item.Extra["classification"] != nil && !strings.Contains(string(item.Extra["metadata"]), "securityClassification")
}

// lastingMetadata takes from the metadata of a listing what depends on where
// and to whom Box shows it.
func lastingMetadata(text json.RawMessage) json.RawMessage {
	var scopes map[string]map[string]map[string]json.RawMessage
	if json.Unmarshal(text, &scopes) != nil {
		return text
	}
	for _, templates := range scopes {
		for name, m := range templates {
			templates[name] = instance(m)
		}
	}
	plain, err := json.Marshal(scopes)
	if err != nil {
		return text // it came from JSON
	}
	return plain
}
