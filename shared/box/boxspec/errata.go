package boxspec

import (
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// faultHeader marks answers that a simulator distorts on purpose.
const faultHeader = "Boxsim-Fault"

// erratum is something that the description says and Box does otherwise.
type erratum struct {
	about   string // what, and how it is known
	correct func(*openapi3.T) error
}

// errata lists what is changed in the description before anything is checked.
var errata = []erratum{}

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
