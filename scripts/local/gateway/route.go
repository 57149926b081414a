package gateway

import (
	"fmt"
	"slices"
	"strings"
)

// pattern is a parsed route key: "GET /api/tasks/{task}", "ANY /api/{proxy+}"
// or "$default".
type pattern struct {
	key      string
	method   string // or ANY
	segments []segment
	fallback bool // $default
}

// segment is one part of a path: text, {name}, or {name+} for all that follow.
type segment struct {
	text   string
	name   string
	greedy bool
}

func parseKey(key string) (pattern, error) {
	if key == "$default" {
		return pattern{key: key, fallback: true}, nil
	}
	method, path, ok := strings.Cut(key, " ")
	if !ok || !strings.HasPrefix(path, "/") {
		return pattern{}, fmt.Errorf("route %q: want a method and a path, or $default", key)
	}
	p := pattern{key: key, method: method}
	for _, part := range split(path) {
		inner, open := strings.CutPrefix(part, "{")
		if len(p.segments) > 0 && p.segments[len(p.segments)-1].greedy {
			return pattern{}, fmt.Errorf("route %q: nothing may follow %s", key, "{…+}")
		}
		if !open {
			p.segments = append(p.segments, segment{text: part})
			continue
		}
		name, closed := strings.CutSuffix(inner, "}")
		name, greedy := strings.CutSuffix(name, "+")
		if !closed || name == "" {
			return pattern{}, fmt.Errorf("route %q: %q is not a path parameter", key, part)
		}
		p.segments = append(p.segments, segment{name: name, greedy: greedy})
	}
	return p, nil
}

// split cuts a path into segments; "/" has none.
func split(path string) []string {
	path = strings.TrimPrefix(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// match reports whether the route takes the request, and its path parameters.
func (p pattern) match(method string, parts []string) (map[string]string, bool) {
	if p.fallback {
		return nil, true
	}
	if p.method != "ANY" && p.method != method {
		return nil, false
	}
	var values map[string]string
	set := func(name, value string) {
		if values == nil {
			values = map[string]string{}
		}
		values[name] = value
	}
	for i, s := range p.segments {
		switch {
		case i >= len(parts):
			return nil, false
		case s.greedy:
			set(s.name, strings.Join(parts[i:], "/"))
			return values, true
		case s.name != "":
			set(s.name, parts[i])
		case s.text != parts[i]:
			return nil, false
		}
	}
	return values, len(parts) == len(p.segments)
}

// compare orders routes as API Gateway prefers them: at the first segment that
// differs text before a parameter before a greedy one, then a method before
// ANY, and $default last.
func compare(a, b pattern) int {
	if a.fallback || b.fallback {
		return rank(a.fallback) - rank(b.fallback)
	}
	for i := range min(len(a.segments), len(b.segments)) {
		if d := a.segments[i].rank() - b.segments[i].rank(); d != 0 {
			return d
		}
	}
	if d := len(b.segments) - len(a.segments); d != 0 {
		return d
	}
	return rank(a.method == "ANY") - rank(b.method == "ANY")
}

func (s segment) rank() int { return rank(s.name != "") + rank(s.greedy) }

func rank(later bool) int {
	if later {
		return 1
	}
	return 0
}

// sorted returns the routes in the order in which to try them.
func sorted(routes []Route) ([]Route, error) {
	out := slices.Clone(routes)
	for i := range out {
		var err error
		if out[i].pattern, err = parseKey(out[i].Key); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(a, b Route) int { return compare(a.pattern, b.pattern) })
	return out, nil
}
