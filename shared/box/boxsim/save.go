package boxsim

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"slices"

	"coffer/shared/backup"
)

// saved is the first value of a saved simulator; the contents that are kept in
// memory follow one by one, and an empty one ends them.
type saved struct {
	Version int
	State   state
	Recipes map[string]recipe
}

type savedContent struct {
	SHA1  string
	Bytes []byte
}

const saveVersion = 1

// Save writes everything that Load needs to go on, but for counters, faults
// and the contents that lie in Options.Dir.
func (s *Sim) Save(w io.Writer) error {
	registerTypes()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.contents.mu.Lock()
	defer s.contents.mu.Unlock()
	out := gob.NewEncoder(w)
	if err := out.Encode(saved{saveVersion, s.state, s.contents.recipes}); err != nil {
		return fmt.Errorf("save the simulator: %w", err)
	}
	for sum, content := range s.contents.memory {
		if err := out.Encode(savedContent{sum, content}); err != nil {
			return fmt.Errorf("save content %s: %w", sum, err)
		}
	}
	if err := out.Encode(savedContent{}); err != nil {
		return fmt.Errorf("save the simulator: %w", err)
	}
	return nil
}

// registerTypes names the types that metadata values may have.
func registerTypes() {
	gob.Register([]any{})
	gob.Register(object{})
}

// Load replaces everything by what Save wrote. Options stay as they are.
func (s *Sim) Load(r io.Reader) error {
	registerTypes()
	in := gob.NewDecoder(r)
	was := saved{State: newState()}
	if err := in.Decode(&was); err != nil {
		return fmt.Errorf("load the simulator: %w", err)
	}
	if was.Version != saveVersion {
		return fmt.Errorf("load the simulator: saved by version %d, this is %d", was.Version, saveVersion)
	}
	memory := map[string][]byte{}
	for {
		var c savedContent
		if err := in.Decode(&c); err != nil {
			return fmt.Errorf("load contents: %w", err)
		}
		if c.SHA1 == "" {
			break
		}
		memory[c.SHA1] = c.Bytes
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.contents.mu.Lock()
	defer s.contents.mu.Unlock()
	for sum, recipe := range was.Recipes {
		s.contents.recipes[sum] = recipe
	}
	for sum, content := range memory {
		s.contents.memory[sum] = content
	}
	s.state, s.index = was.State, newIndex()
	s.reindex()
	return nil
}

// reindex derives the index from the state.
func (s *Sim) reindex() {
	items := make([]*item, 0, len(s.Items))
	for _, it := range s.Items {
		items = append(items, it)
	}
	slices.SortFunc(items, byKindAndID)
	for _, it := range items {
		if it.Trashed.IsZero() {
			s.shelf(it.Parent, it.Owner).names[fold(it.Name)] = it
		} else {
			s.trash[it.Owner] = append(s.trash[it.Owner], it)
		}
	}
	for _, list := range s.trash {
		slices.SortStableFunc(list, func(a, b *item) int { return a.Trashed.Compare(b.Trashed) })
	}
	for _, it := range items {
		if it.Kind == backup.File && it.Trashed.IsZero() {
			s.grow(it.Parent, it.Owner, it.current().Size)
		}
	}
	for _, id := range sortedIDs(s.Collabs) {
		s.indexCollab(s.Collabs[id])
	}
	for _, id := range sortedIDs(s.Comments) {
		s.commentsOn[s.Comments[id].File] = append(s.commentsOn[s.Comments[id].File], id)
	}
	for _, id := range sortedIDs(s.Tasks) {
		s.tasksOn[s.Tasks[id].File] = append(s.tasksOn[s.Tasks[id].File], id)
	}
	for _, m := range s.Members {
		s.indexMember(m)
	}
	for i, e := range s.Events {
		for _, id := range e.Audience {
			s.feeds[id] = append(s.feeds[id], i)
		}
	}
	for _, g := range s.Grants {
		if g.Refresh != "" {
			s.refreshes[g.Refresh] = g
		}
	}
}

func sortedIDs[T any](m map[string]T) []string {
	ids := make([]string, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, compareIDs)
	return ids
}

// Mark remembers the present state for Return.
func (s *Sim) Mark() error {
	var buf bytes.Buffer
	if err := s.Save(&buf); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.marked = buf.Bytes()
	return nil
}

// Return goes back to the state that Mark remembered.
func (s *Sim) Return() error {
	s.mu.Lock()
	marked := s.marked
	s.mu.Unlock()
	if marked == nil {
		return errors.New("no state was marked")
	}
	return s.Load(bytes.NewReader(marked))
}
