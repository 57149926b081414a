// Package template reads what the infrastructure code synthesizes (a CDK cloud
// assembly: CloudFormation templates and assets) and says, in typed form, what
// the product consists of: tables, buckets, queues, keys, secrets, functions,
// their triggers and the HTTP API. The local cloud starts exactly that.
//
// Nothing is ignored silently. The table in kinds.go names every resource type
// that may occur: those that the local cloud provides, and those that mean
// nothing on one machine, each with the reason. The structs in product.go name
// every property of the former in the same way. An unknown resource type,
// property or intrinsic is an error that names it.
//
// Physical names are derived from stack and logical id, so they stay the same
// from start to start, as the data under them must.
package template

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Place is where the resources will live: what pseudo parameters, ARNs and
// addresses are made of.
type Place struct {
	Region  string
	Account string                   // twelve digits
	Queue   func(name string) string // a queue's URL
	Key     func(name string) (arn string, err error)
	API     string // the HTTP API's address
}

// Load reads the stacks of the cloud assembly in dir and resolves them. With
// no stack named it reads all of them.
func Load(dir string, place Place, stacks ...string) (*Product, error) {
	if len(stacks) == 0 {
		files, err := filepath.Glob(filepath.Join(dir, "*.template.json"))
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			stacks = append(stacks, strings.TrimSuffix(filepath.Base(f), ".template.json"))
		}
	}
	if len(stacks) == 0 {
		return nil, fmt.Errorf("%s holds no synthesized template", dir)
	}
	p := &Product{}
	for _, name := range stacks {
		s, err := readStack(dir, name, place)
		if err != nil {
			return nil, err
		}
		for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
			if err := s.add(p, id); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return p, p.join()
}

// stack is one CloudFormation template.
type stack struct {
	Resources  map[string]*resource
	Parameters map[string]struct{ Default any }

	name   string
	place  Place
	assets map[string]string // object key to folder
}

// resource is a resource as the template has it.
type resource struct {
	Type       string
	Properties map[string]any
	Condition  string
	Metadata   map[string]any
}

func readStack(dir, name string, place Place) (*stack, error) {
	s := &stack{name: name, place: place, assets: map[string]string{}}
	if err := readJSON(filepath.Join(dir, name+".template.json"), s); err != nil {
		return nil, err
	}
	var manifest struct {
		Files map[string]struct {
			Source       struct{ Path, Packaging string }
			Destinations map[string]struct{ ObjectKey string }
		}
	}
	if err := readJSON(filepath.Join(dir, name+".assets.json"), &manifest); err != nil {
		return nil, err
	}
	for _, f := range manifest.Files {
		if f.Source.Packaging != "zip" { // the template itself is an asset too
			continue
		}
		for _, d := range f.Destinations {
			path := f.Source.Path
			if !filepath.IsAbs(path) {
				path = filepath.Join(dir, path)
			}
			s.assets[d.ObjectKey] = path
		}
	}
	return s, nil
}

func readJSON(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// add resolves one resource and puts it into the product.
func (s *stack) add(p *Product, id string) error {
	r := s.Resources[id]
	k, err := kindOf(r.Type)
	if err != nil {
		return fmt.Errorf("resource %s: %w", id, err)
	}
	if k.build == nil {
		return nil
	}
	if r.Condition != "" {
		return fmt.Errorf("resource %s: conditions are not supported (%s)", id, r.Condition)
	}
	resolved, err := s.resolve(map[string]any(r.Properties))
	if err != nil {
		return fmt.Errorf("resource %s: %w", id, err)
	}
	props, err := json.Marshal(resolved)
	if err != nil {
		return fmt.Errorf("resource %s: %w", id, err)
	}
	if err := k.build(p, &context{stack: s, id: id, resource: r, props: props}); err != nil {
		return fmt.Errorf("resource %s of type %s: %w", id, r.Type, err)
	}
	return nil
}
