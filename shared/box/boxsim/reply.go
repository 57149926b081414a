package boxsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// object is a JSON object on its way out.
type object = map[string]any

// failure is a refusal, in Box's words. A failure without a code has no body.
type failure struct {
	Status  int
	Code    string
	Message string
	Context any // context_info, if any
	Header  map[string]string
}

// Error implements error.
func (f *failure) Error() string {
	return fmt.Sprintf("box: %d %s: %s", f.Status, f.Code, f.Message)
}

func refuse(status int, code, format string, args ...any) *failure {
	return &failure{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// invalid refuses one parameter of a request.
func invalid(name, format string, args ...any) *failure {
	f := refuse(http.StatusBadRequest, "bad_request", "Bad Request")
	f.Context = object{"errors": []object{{
		"reason": "invalid_parameter", "name": name, "message": fmt.Sprintf(format, args...),
	}}}
	return f
}

func notFound() *failure {
	return refuse(http.StatusNotFound, "not_found", "Not Found")
}

func forbidden() *failure {
	return refuse(http.StatusForbidden, "access_denied_insufficient_permissions", "Access denied - insufficient permission")
}

// bearer is a refusal without a body, as Box's gateway gives it.
func bearer(status int, code, message string) *failure {
	return &failure{Status: status, Header: map[string]string{
		"www-authenticate": fmt.Sprintf(`Bearer realm="Service", error=%q, error_description=%q`, code, message),
	}}
}

func invalidToken() *failure {
	return bearer(http.StatusUnauthorized, "invalid_token", "The access token provided is invalid.")
}

// reply is an answer that is not simply a JSON body with its route's status.
type reply struct {
	status int
	header map[string]string
	body   any
}

// setHeader spells the name in lower case on the wire, as Box may: clients
// must not depend on the case.
func setHeader(w http.ResponseWriter, name, value string) {
	w.Header()[name] = []string{value}
}

func (s *Sim) writeFailure(w http.ResponseWriter, f *failure, request string) {
	for name, value := range f.Header {
		setHeader(w, name, value)
	}
	if f.Code == "" {
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(f.Status)
		return
	}
	body := object{
		"type": "error", "status": f.Status, "code": f.Code, "message": f.Message,
		"help_url":   "http://developers.box.com/docs/#errors",
		"request_id": request,
	}
	if f.Context != nil {
		body["context_info"] = f.Context
	}
	writeJSON(w, f.Status, body)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("boxsim: encode %T: %v", body, err))
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// stamp writes a time as Box does: in the enterprise's zone, to the second.
func stamp(t time.Time) string { return t.In(pacific).Format(time.RFC3339) }

// stampOrNull is for the few fields that are null when there is no time.
func stampOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}
