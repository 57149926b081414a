package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// operation is one of the API's document.
type operation struct {
	ID, Method, Path string
	Success          []int    // the statuses that say that it did what it is for
	Query            []string // the parameters of the query that it needs
}

// operations reads the API's document.
func operations(document []byte) ([]operation, error) {
	var d struct {
		Paths map[string]map[string]struct {
			OperationID string
			Parameters  []struct {
				Name, In string
				Required bool
			}
			Responses map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(document, &d); err != nil {
		return nil, fmt.Errorf("the API's document: %w", err)
	}
	var all []operation
	for path, methods := range d.Paths {
		for method, described := range methods {
			op := operation{ID: described.OperationID, Method: strings.ToUpper(method), Path: path}
			for status := range described.Responses {
				if code, err := strconv.Atoi(status); err == nil && code < 400 { // "default" is a problem
					op.Success = append(op.Success, code)
				}
			}
			for _, p := range described.Parameters {
				if p.In == "query" && p.Required {
					op.Query = append(op.Query, p.Name)
				}
			}
			all = append(all, op)
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method)) })
	return all, nil
}

var placeholder = regexp.MustCompile(`{(\w+)}`)

// plain reports whether the operation is a read that needs nothing but ids
// which are known.
func (o operation) plain() bool {
	for _, name := range placeholder.FindAllStringSubmatch(o.Path, -1) {
		if !slices.Contains(ids, name[1]) {
			return false
		}
	}
	return o.Method == "GET" && len(o.Query) == 0
}

// step is an operation and one way to call it.
type step struct {
	op operation
	way
}

// plan says how every operation is called, or only those named, reads first, as
// long as nothing has changed what they read. It fails where it does not know
// how.
func plan(all []operation, only []string) ([]step, error) {
	known := ways()
	var steps []step
	var missing []string
	for _, op := range all {
		list := known[op.ID]
		if len(list) == 0 && op.plain() {
			list = []way{get("")}
		}
		if len(list) == 0 {
			missing = append(missing, fmt.Sprintf("%s (%s %s)", op.ID, op.Method, op.Path))
		}
		for _, w := range list {
			steps = append(steps, step{op, w})
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("nothing is known of how to call %s: add it to scripts/bench/ways.go", strings.Join(missing, ", "))
	}
	if len(only) > 0 {
		steps = slices.DeleteFunc(steps, func(s step) bool { return !slices.Contains(only, s.op.ID) })
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("the API has no operation %s", strings.Join(only, " or "))
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(a.kind, b.kind) })
	return steps, nil
}
