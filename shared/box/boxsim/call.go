package boxsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"coffer/shared/backup"
)

// call is one request on its way through the simulator.
type call struct {
	view
	r       *http.Request
	grant   *grant
	user    *user   // as whom it acts; nil where the route is public
	strike  *strike // the fault that hits it, or nil
	request string
	body    []byte
	fields  []string // nil where the request names none
}

// operation answers a call with a JSON body, a reply, or an error. It runs
// under the lock.
type operation func(*call) (any, error)

// streamer answers a call by itself and takes the lock where it needs it.
type streamer func(http.ResponseWriter, *call) error

const maxBody = 32 << 20

// handle serves a route of the API for authorised callers.
func (s *Sim) handle(pattern string, status int, op operation) {
	s.stream(pattern, func(w http.ResponseWriter, c *call) error {
		body, err := io.ReadAll(http.MaxBytesReader(w, c.r.Body, maxBody))
		if err != nil {
			return refuse(http.StatusRequestEntityTooLarge, "request_entity_too_large", "Request entity too large")
		}
		c.body = body
		c.shortenPage()
		out, err := c.run(op)
		if err != nil {
			return err
		}
		answer(w, status, c.distort(out))
		return nil
	})
}

// run runs the operation under the lock.
func (c *call) run(op operation) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return op(c)
}

func answer(w http.ResponseWriter, status int, out any) {
	if r, ok := out.(reply); ok {
		for name, value := range r.header {
			setHeader(w, name, value)
		}
		status, out = r.status, r.body
	}
	if out == nil {
		w.WriteHeader(status)
		return
	}
	writeJSON(w, status, out)
}

// stream serves a route for authorised callers.
func (s *Sim) stream(pattern string, run streamer) { s.serve(pattern, true, run) }

// public serves a route that needs no access token.
func (s *Sim) public(pattern string, run streamer) { s.serve(pattern, false, run) }

func (s *Sim) serve(pattern string, authorised bool, run streamer) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		c, fault, refused := s.begin(r, pattern, authorised)
		setHeader(w, "box-request-id", c.request)
		if !pause(r, s.opt.Latency) {
			return
		}
		c.strike = fault
		fault.serve(s, w, r, c.request, func(w http.ResponseWriter) {
			err := error(refused)
			if refused == nil {
				err = run(w, c)
			}
			if err == nil {
				s.keeper.changed(s, r)
				return
			}
			if f, ok := errors.AsType[*failure](err); ok {
				s.writeFailure(w, f, c.request)
				return
			}
			s.writeFailure(w, refuse(http.StatusInternalServerError, "internal_server_error", "%v", err), c.request)
		})
	})
}

// begin counts the call, authorises it and chooses its fault.
func (s *Sim) begin(r *http.Request, pattern string, authorised bool) (*call, *strike, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.purgeExpired()
	s.total++
	c := &call{view: view{Sim: s}, r: r, request: fmt.Sprintf("%016x", uint64(s.total)*0x9e3779b97f4a7c15)} // #nosec G115
	if names := r.URL.Query().Get("fields"); names != "" {
		c.fields = strings.Split(names, ",")
	}
	var refused *failure
	if authorised {
		refused = c.authenticate()
	}
	s.count(pattern, c.user)
	as := c.user
	if refused != nil {
		as = nil // nobody: who holds the token acts as another
	}
	strike := s.faults.pick(r, as, s.opt.Seed)
	if refused == nil && authorised {
		refused = s.limit(c.user, isUpload(r))
	}
	return c, strike, refused
}

// authenticate finds the user of the access token and of As-User.
func (c *call) authenticate() *failure {
	secret, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		secret = c.r.URL.Query().Get("access_token")
	}
	holder, f := c.use(secret)
	if f != nil {
		return f
	}
	c.grant, c.user = c.Grants[secret], holder
	if as := c.r.Header.Get("As-User"); as != "" && as != holder.ID {
		c.user, f = c.impersonate(holder, as)
		if f != nil {
			c.user = holder
			return f
		}
	}
	c.viewer = c.user
	return nil
}

// impersonate returns the user that the holder of a token wants to act as.
func (c *call) impersonate(holder *user, as string) (*user, *failure) {
	target := c.Users[as]
	switch {
	case holder.Role == Member && !holder.Service:
		return nil, bearer(http.StatusForbidden, "insufficient_scope", "The request requires higher privileges than provided by the access token.")
	case target == nil, target.Enterprise != holder.Enterprise:
		f := refuse(http.StatusNotFound, "not_found", "On-Behalf-Of User not found")
		f.Context = object{"invalid_user_id": object{"id": as}}
		return nil, f
	case target.Unreachable == http.StatusNotFound:
		f := refuse(http.StatusNotFound, "not_found", "On-Behalf-Of User not found")
		f.Context = object{"invalid_user_id": object{"id": as}}
		return nil, f
	case target.Unreachable != 0, target.Status == "inactive", target.Service,
		holder.Role == CoAdmin && target.Role != Member:
		return nil, bearer(http.StatusForbidden, "insufficient_scope", "The request requires higher privileges than provided by the access token.")
	}
	return target, nil
}

// administers reports whether the caller may manage users and read the
// enterprise's events.
func (c *call) administers() bool {
	return c.user.Role != Member || c.user.Service
}

// decode reads the call's JSON body.
func (c *call) decode(into any) error {
	if len(c.body) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.body, into); err != nil {
		return refuse(http.StatusBadRequest, "bad_request", "Entity body is not correctly formatted or structured")
	}
	return nil
}

func (c *call) query() url.Values { return c.r.URL.Query() }

// origin is the address at which the caller reached the simulator.
func (c *call) origin() string { return originOf(c.r) }

func originOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// reference is how request bodies point at things.
type reference struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

func (r reference) item() backup.ItemRef {
	return backup.ItemRef{Kind: backup.ItemKind(r.Type), ID: r.ID}
}

// pause waits, and reports false if the caller goes away meanwhile.
func pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
