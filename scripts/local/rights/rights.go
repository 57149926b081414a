// Package rights refuses functions what their roles do not allow, as IAM would:
// without it, a right that is missing in the infrastructure code would be missed
// on AWS only.
//
// A request says which function it comes from by the SDK's application id, which
// is part of the user agent. It needs rights to actions on resources, and is
// answered AccessDenied where no statement of the function's role allows one of
// them. Of conditions only StringEquals is looked at, which tells apart what a key
// is used for; statements that deny are left out, since all of them have other
// conditions. A missing object is told as one also to those who may not list the
// bucket, whom S3 answers AccessDenied.
package rights

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"coffer/scripts/local/template"
)

// Setting is the environment variable that gives a function's SDK its name.
const Setting = "AWS_SDK_UA_APP_ID"

var application = regexp.MustCompile(`(?:^| )app/(\S+)`)

// caller returns the function that a request comes from, or "".
func caller(r *http.Request) string {
	if m := application.FindStringSubmatch(r.UserAgent()); m != nil {
		return m[1]
	}
	return ""
}

// Guard knows what functions may do. Requests of nobody, such as the local
// cloud's own, pass.
type Guard struct {
	Place // of the resources

	mu      sync.Mutex
	may     map[string][]template.Statement
	refused []string
}

// Know tells the guard of the functions. Until then it refuses them everything.
func (g *Guard) Know(functions []template.Function) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.may = map[string][]template.Statement{}
	for _, f := range functions {
		g.may[f.Name] = f.Rights
	}
}

// Refused returns what was refused, each once.
func (g *Guard) Refused() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.refused)
}

// Before returns a handler that lets next have the requests to a service, named
// as the SDK names it, that their function may make.
func (g *Guard) Before(service string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		function := caller(r)
		if function == "" {
			next.ServeHTTP(w, r)
			return
		}
		var body []byte
		if service != "S3" { // whose bodies are large, and do not matter
			var err error
			if body, err = io.ReadAll(r.Body); err != nil {
				return // the caller has gone
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		wanted, err := g.needs(service, r, body)
		if err == nil {
			err = g.check(function, wanted)
		}
		if err != nil {
			refuse(w, service, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// check returns what of all that is wanted the function may not do.
func (g *Guard) check(function string, wanted []need) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, n := range wanted {
		if !slices.ContainsFunc(g.may[function], n.allowedBy) {
			text := fmt.Sprintf("%s may not %s on %s", function, n.action, n.resource)
			if !slices.Contains(g.refused, text) {
				g.refused = append(g.refused, text)
			}
			return fmt.Errorf("%s", text)
		}
	}
	return nil
}

// allowedBy reports whether a statement allows it.
func (n need) allowedBy(s template.Statement) bool {
	if s.Effect != "Allow" || !slices.Contains(s.Action, n.action) {
		return false
	}
	for key, value := range s.Condition.StringEquals {
		if n.context[key] != value {
			return false
		}
	}
	return slices.ContainsFunc(s.Resource, func(pattern string) bool {
		prefix, open := strings.CutSuffix(pattern, "*")
		return n.resource == pattern || open && strings.HasPrefix(n.resource, prefix)
	})
}

// refuse answers as the service does.
func refuse(w http.ResponseWriter, service string, err error) {
	if service == "S3" {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusForbidden)
		_ = xml.NewEncoder(w).Encode(struct { // the caller may have gone
			XMLName       xml.Name `xml:"Error"`
			Code, Message string
		}{Code: "AccessDenied", Message: err.Error()})
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{ // the caller may have gone
		"__type": "AccessDeniedException", "message": err.Error(),
	})
}
