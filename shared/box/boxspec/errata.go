package boxspec

import (
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// erratum is something that the description says and Box does otherwise.
type erratum struct {
	about   string // what, and how it is known
	correct func(*openapi3.T) error
}

// errata lists what is changed in the description before anything is checked.
var errata = []erratum{
	{
		"a part of an allOf that says nullable means the whole: so Box's SDKs, which are generated from it, read it",
		func(doc *openapi3.T) error {
			walk(doc, func(_ string, s *openapi3.Schema) {
				for i, part := range s.AllOf {
					last := i == len(s.AllOf)-1 && part.Value.IsEmpty() && part.Value.Description == "" // it says nullable: false
					s.Nullable = (s.Nullable || part.Ref == "" && part.Value.Nullable) && !last
				}
			})
			return nil
		},
	},
	{
		"items without tags have an empty list; the minimum of one is for requests",
		property(func(s *openapi3.Schema) { s.MinItems = 0 }, "tags"),
	},
	{
		"the root folder, which is the first entry of every path, has neither etag nor sequence id",
		property(nullable, "sequence_id", "etag"),
	},
	{
		"what an item does not have is null for web links as it is for files and folders",
		property(nullable, "shared_link", "trashed_at", "purged_at"),
	},
	{
		"a shared link has no property accessed: access is meant, as the properties beside it show",
		property(func(s *openapi3.Schema) {
			for _, part := range s.AllOf {
				part.Value.Required = slices.DeleteFunc(part.Value.Required, func(name string) bool { return name == "accessed" })
			}
		}, "shared_link"),
	},
	{
		"the guide on errors lists many more codes than the enumeration has",
		func(doc *openapi3.T) error {
			schema(doc, "ClientError").Properties["code"].Value.Enum = nil
			return nil
		},
	},
	{
		"the conflict of a file is an object, that of a folder an array; the description says array for both, or object for both",
		property(func(s *openapi3.Schema) { *s = openapi3.Schema{} }, "conflicts"),
	},
	{
		"revoking requires a grant type that its schema does not have",
		func(doc *openapi3.T) error {
			schema(doc, "PostOAuth2Revoke").Required = nil
			return nil
		},
	},
	{
		"a preflight check without accelerator gives a null token",
		property(nullable, "upload_token"),
	},
	{
		"Box's guide on events shows events whose session and details are null",
		property(nullable, "session_id", "additional_details"),
	},
	{
		"a source can be null, or a web link; the alternatives overlap, since a generic source is any object",
		func(doc *openapi3.T) error {
			source := schema(doc, "EventSourceResource")
			generic := openapi3.NewSchema()
			generic.Not = openapi3.NewSchemaRef("", openapi3.NewObjectSchema().WithRequired([]string{"type"}))
			source.AnyOf = slices.DeleteFunc(source.OneOf, func(ref *openapi3.SchemaRef) bool {
				return strings.HasSuffix(ref.Ref, "/GenericSource")
			})
			source.OneOf = nil
			source.AnyOf = append(source.AnyOf, doc.Components.Schemas["WebLink"], openapi3.NewSchemaRef("", generic))
			return property(nullable, "source")(doc)
		},
	},
}

// partial is what holds for answers to requests that name the fields they want:
// the other ones are missing, also those that are required.
var partial = erratum{
	"with the parameter fields, only type, id and the named fields are given",
	func(doc *openapi3.T) error {
		walk(doc, func(_ string, s *openapi3.Schema) {
			if s.Properties["type"] != nil && s.Properties["id"] != nil || slices.Contains(s.Required, "path_collection") {
				s.Required = slices.DeleteFunc(s.Required, func(name string) bool { return name != "type" && name != "id" })
			}
		})
		return nil
	},
}

func nullable(s *openapi3.Schema) { s.Nullable = true }

func schema(doc *openapi3.T, name string) *openapi3.Schema { return doc.Components.Schemas[name].Value }

// property returns a correction of every property of these names.
func property(correct func(*openapi3.Schema), names ...string) func(*openapi3.T) error {
	return func(doc *openapi3.T) error {
		walk(doc, func(name string, s *openapi3.Schema) {
			if slices.Contains(names, name) {
				correct(s)
				for _, part := range s.AllOf {
					if part.Ref == "" {
						correct(part.Value)
					}
				}
			}
		})
		return nil
	}
}

// walk visits every schema of the description, once for each name that a
// property of it has.
func walk(doc *openapi3.T, visit func(property string, s *openapi3.Schema)) {
	type place struct {
		property string
		schema   *openapi3.Schema
	}
	seen := map[place]bool{}
	var down func(property string, ref *openapi3.SchemaRef)
	down = func(property string, ref *openapi3.SchemaRef) {
		if ref == nil || ref.Value == nil || seen[place{property, ref.Value}] {
			return
		}
		s := ref.Value
		seen[place{property, s}] = true
		visit(property, s)
		for _, parts := range []openapi3.SchemaRefs{s.AllOf, s.AnyOf, s.OneOf, {s.Items, s.AdditionalProperties.Schema}} {
			for _, part := range parts {
				down("", part)
			}
		}
		for name, p := range s.Properties {
			down(name, p)
		}
	}
	content := func(c openapi3.Content) {
		for _, kind := range c {
			down("", kind.Schema)
		}
	}
	for _, ref := range doc.Components.Schemas {
		down("", ref)
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if op.RequestBody != nil {
				content(op.RequestBody.Value.Content)
			}
			for _, answer := range op.Responses.Map() {
				content(answer.Value.Content)
			}
		}
	}
}

// allowed reports whether an answer is one that Box gives although the
// description does not speak of it.
func allowed(input *openapi3filter.RequestValidationInput, status int, header http.Header, body []byte) bool {
	switch {
	case (status == http.StatusUnauthorized || status == http.StatusForbidden) && len(body) == 0 && header.Get("WWW-Authenticate") != "":
		// About authorisation Box says all in a header, and sends no body.
		return true
	case status >= http.StatusInternalServerError && !readable(header):
		// What comes from a machine before Box's own has a page of HTML, or nothing.
		return true
	}
	return false
}
