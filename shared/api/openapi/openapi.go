// Package openapi holds the OpenAPI 3.1 document of Coffer's whole API. It is
// generated from the operations of all functions by this package's test
// (go test ./shared/api/openapi -update), which also fails while the file is
// not what they say.
package openapi

import _ "embed" // the document

//go:embed openapi.json
var document []byte

// Document returns the document.
func Document() []byte { return document }
