package boxspec

import (
	"errors"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// explain says in a few lines where a message differs, without the schemas that
// the library would add.
func explain(err error) error {
	var lines []string
	leaves(err, "", &lines)
	return errors.New(strings.Join(lines, "\n\t"))
}

// leaves collects the differences below err. Each knows its place.
func leaves(err error, at string, lines *[]string) {
	if schema, ok := err.(*openapi3.SchemaError); ok { // not errors.As: each level has its place
		if path := schema.JSONPointer(); len(path) > 0 {
			at = "/" + strings.Join(path, "/")
		}
		if schema.Origin == nil {
			*lines = append(*lines, fmt.Sprintf("%s: %s, got %.80s", at, schema.Reason, fmt.Sprint(schema.Value)))
			return
		}
	}
	if request, ok := err.(*openapi3filter.RequestError); ok && request.Parameter != nil {
		at = "parameter " + request.Parameter.Name
	}
	if many, ok := err.(openapi3.MultiError); ok {
		for _, e := range many {
			leaves(e, at, lines)
		}
		return
	}
	if next := errors.Unwrap(err); next != nil {
		leaves(next, at, lines)
		return
	}
	*lines = append(*lines, strings.TrimSpace(at+" "+err.Error()))
}
