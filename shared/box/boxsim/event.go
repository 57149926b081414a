package boxsim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"coffer/shared/backup"
)

// event is one entry of the log. Users see it under UserType, with the whole
// item as its source; administrators under AdminType, with a short one. An
// empty type hides it from the one or the other.
type event struct {
	ID, UserType, AdminType string
	At                      time.Time
	By, Enterprise          string
	Audience                []string
	Source, AdminSource     json.RawMessage
	Details                 json.RawMessage
	Accessible              json.RawMessage // whose access it is about
}

// How long each stream remembers.
const (
	userRetention   = 21 * 24 * time.Hour
	adminRetention  = 365 * 24 * time.Hour
	streamRetention = 14 * 24 * time.Hour
)

// Positions look like Box's: the users' fit into a JavaScript number, the
// administrators' do not.
const (
	userPosition  int64 = 2_000_000_000
	adminPosition int64 = 1_152_922_976_252_290_886
)

// changeTypes are the event types of the streams "changes" and "sync".
var changeTypes = map[string]bool{
	"ITEM_CREATE": true, "ITEM_UPLOAD": true, "ITEM_MOVE": true, "ITEM_COPY": true, "ITEM_RENAME": true,
	"ITEM_TRASH": true, "ITEM_UNDELETE_VIA_TRASH": true, "ITEM_MAKE_CURRENT_VERSION": true, "ITEM_MODIFY": true,
	"LOCK_CREATE": true, "LOCK_DESTROY": true, "ITEM_SYNC": true, "ITEM_UNSYNC": true,
	"COLLAB_ADD_COLLABORATOR": true, "COLLAB_INVITE_COLLABORATOR": true, "COLLAB_REMOVE_COLLABORATOR": true, "COLLAB_ROLE_CHANGE": true,
	"GROUP_ADD_USER": true, "GROUP_REMOVE_USER": true,
}

func (s *Sim) eventRoutes() {
	s.handle("GET /2.0/events", http.StatusOK, listEvents)
	s.handle("OPTIONS /2.0/events", http.StatusOK, realtimeServers)
	s.public("GET /realtime/subscribe", func(w http.ResponseWriter, c *call) error { return c.longPoll(w) })
}

// emit logs what a user did to an item, for everyone who can see the item.
func (s *Sim) emit(by *user, it *item, userType, adminType string) {
	s.log(s.newEvent(by, it, userType, adminType))
}

// emitCollab logs what a user did to somebody's access to an item.
func (s *Sim) emitCollab(by *user, co *collaboration, userType, adminType string) {
	e := s.newEvent(by, s.Items[co.Item], userType, adminType)
	switch {
	case co.User != "":
		e.Accessible = encode(s.userMini(co.User))
	case co.Group != "":
		e.Accessible = encode(s.groupMini(co.Group))
	}
	s.log(e)
}

func (s *Sim) newEvent(by *user, it *item, userType, adminType string) *event {
	e := &event{UserType: userType, AdminType: adminType, By: by.ID, Audience: s.audience(by, it)}
	owner := s.Users[it.Owner]
	e.Enterprise = owner.Enterprise
	if userType != "" {
		e.Source = s.eventSource(owner, it, userType)
	}
	if adminType != "" {
		e.AdminSource = encode(object{
			"item_type": string(it.Kind), "item_id": it.ID, "item_name": it.Name,
			"parent": s.eventParent(it), "owned_by": s.userMini(it.Owner),
		})
		if it.Kind == backup.File {
			e.Details = encode(object{"size": it.current().Size, "version_id": it.current().ID, "ekm_id": "", "service_id": "", "service_name": "Coffer"})
		}
	}
	return e
}

// eventSource is the item as its owner sees it. A trashed one has no place.
func (s *Sim) eventSource(owner *user, it *item, userType string) json.RawMessage {
	if userType == "ITEM_DOWNLOAD" {
		return encode(s.mini(it)) // these are many, and nobody reads more
	}
	source := view{s, owner}.item(it, nil)
	if userType == "ITEM_TRASH" {
		source["item_status"], source["parent"] = "deleted", nil
		if it.Kind == backup.WebLink {
			delete(source, "parent") // Box describes no null there
		}
		source["path_collection"] = object{"total_count": 0, "entries": []object{}}
	}
	return encode(source)
}

func (s *Sim) eventParent(it *item) object {
	parent := s.parentOf(it)
	return object{"type": "folder", "id": parent.ID, "name": parent.Name}
}

// emitUser logs what happened to a user, for administrators.
func (s *Sim) emitUser(u *user, adminType string) {
	s.log(&event{AdminType: adminType, By: u.ID, Enterprise: u.Enterprise, AdminSource: encode(s.userMini(u.ID))})
}

// Unheard does something of which no stream tells, as Box promises events for
// nothing.
func (s *Sim) Unheard(do func() error) error {
	s.setDeaf(true)
	defer s.setDeaf(false)
	return do()
}

func (s *Sim) setDeaf(deaf bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deaf = deaf
}

func (s *Sim) log(e *event) {
	if s.deaf {
		return
	}
	e.ID, e.At = s.opaque(40), s.now()
	s.delay(e)
	for _, id := range e.Audience {
		s.feeds[id] = append(s.feeds[id], len(s.Events))
	}
	s.Events = append(s.Events, e)
	close(s.changed)
	s.changed = make(chan struct{})
}

func encode(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // only our own maps come here
	}
	return text
}

// audience is the actor and everyone who may see the item.
func (s *Sim) audience(by *user, it *item) []string {
	ids := []string{it.Owner}
	add := func(id string) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	add(by.ID)
	if len(s.Collabs) == 0 {
		return ids
	}
	for _, place := range append(s.above(it), it) {
		for _, id := range s.collabsOf[place.ItemRef] {
			c := s.Collabs[id]
			switch {
			case c.Status != "accepted":
			case c.User != "":
				add(c.User)
			default:
				for _, m := range s.Members {
					if m.Group == c.Group {
						add(m.User)
					}
				}
			}
		}
	}
	return ids
}

// show returns the event as a user's stream or an administrator's has it.
func (c *call) showEvent(e *event, admin bool) object {
	out := object{
		"type": "event", "event_id": e.ID, "created_by": c.userMini(e.By), "created_at": stamp(e.At),
		"session_id": nil, "additional_details": nil,
	}
	if admin {
		out["event_type"], out["source"] = e.AdminType, e.AdminSource
		out["ip_address"], out["action_by"] = "203.0.113.7", nil
		if e.Details != nil {
			out["additional_details"] = e.Details
		}
		if e.Accessible != nil {
			out["accessible_by"] = e.Accessible
		}
		return out
	}
	out["event_type"], out["source"], out["recorded_at"] = e.UserType, e.Source, stamp(e.At)
	return out
}

func listEvents(c *call) (any, error) {
	limit := 100
	if text := c.query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return nil, invalid("limit", "Invalid value '%s'.", text)
		}
		limit = min(n, 500)
	}
	stream := c.query().Get("stream_type")
	switch stream {
	case "", "all", "changes", "sync":
		return c.userEvents(stream, limit)
	case "admin_logs", "admin_logs_streaming":
		if !c.administers() {
			return nil, forbidden()
		}
		return c.adminEvents(stream, limit)
	}
	return nil, invalid("stream_type", "Invalid value '%s'.", stream)
}

// position reads stream_position as an index into the log.
func (c *call) position(base int64) (at int, now bool, err error) {
	text := c.query().Get("stream_position")
	switch text {
	case "", "0":
		return 0, false, nil
	case "now":
		return len(c.Events), true, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < base || n-base > int64(len(c.Events)) {
		return 0, false, invalid("stream_position", "Invalid value '%s'.", text)
	}
	return int(n - base), false, nil
}

func (c *call) userEvents(stream string, limit int) (any, error) {
	at, now, err := c.position(userPosition)
	if err != nil {
		return nil, err
	}
	entries := []object{}
	next := len(c.Events)
	if !now {
		feed := c.feeds[c.user.ID]
		start, _ := slices.BinarySearch(feed, at)
		oldest := c.now().Add(-userRetention)
		for _, i := range feed[start:] {
			e := c.Events[i]
			if e.UserType == "" || e.At.Before(oldest) || (stream == "changes" || stream == "sync") && !changeTypes[e.UserType] {
				continue
			}
			if len(entries) == limit {
				next = i
				break
			}
			entries = append(entries, c.showEvent(e, false))
		}
	}
	return object{"chunk_size": len(entries), "next_stream_position": userPosition + int64(next), "entries": entries}, nil
}

func (c *call) adminEvents(stream string, limit int) (any, error) {
	at, now, err := c.position(adminPosition)
	if err != nil {
		return nil, err
	}
	q := c.query()
	types := strings.FieldsFunc(q.Get("event_type"), func(r rune) bool { return r == ',' })
	after, before := time.Time{}, c.now().Add(time.Hour)
	oldest := c.now().Add(-streamRetention)
	if stream == "admin_logs" {
		oldest = c.now().Add(-adminRetention)
		for name, to := range map[string]*time.Time{"created_after": &after, "created_before": &before} {
			if text := q.Get(name); text != "" {
				if *to, err = time.Parse(time.RFC3339, text); err != nil {
					return nil, invalid(name, "Invalid value '%s'.", text)
				}
			}
		}
	}
	c.deliver()
	settled := c.now().Add(-c.opt.EventLag)
	entries := []object{}
	next := at
	for ; !now && next < len(c.Events) && len(entries) < limit; next++ {
		e := c.Events[next]
		if e.At.After(settled) {
			break // what may still arrive late is not shown yet
		}
		if e.AdminType == "" || e.Enterprise != c.user.Enterprise || e.At.Before(oldest) || e.At.Before(after) || e.At.After(before) ||
			len(types) > 0 && !slices.Contains(types, e.AdminType) {
			continue
		}
		entries = append(entries, c.showEvent(e, true))
	}
	return object{"chunk_size": len(entries), "next_stream_position": itoa(adminPosition + int64(next)), "entries": entries}, nil
}

func realtimeServers(c *call) (any, error) {
	stream := c.query().Get("stream_type")
	if stream == "" {
		stream = "all"
	}
	return object{"chunk_size": 1, "entries": []object{{
		"type": "realtime_server", "ttl": "10", "max_retries": "10", "retry_timeout": 610,
		"url": c.origin() + "/realtime/subscribe?channel=" + c.user.ID + "&stream_type=" + stream,
	}}}, nil
}

const pollTime = 30 * time.Second

// longPoll answers when the user's stream has something after the position.
func (c *call) longPoll(w http.ResponseWriter) error {
	at, _, err := func() (int, bool, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.position(userPosition)
	}()
	if err != nil {
		return err
	}
	timeout := time.NewTimer(pollTime)
	defer timeout.Stop()
	for {
		c.mu.Lock()
		feed, changed := c.feeds[c.query().Get("channel")], c.changed
		c.mu.Unlock()
		if start, _ := slices.BinarySearch(feed, at); start < len(feed) {
			writeJSON(w, http.StatusOK, object{"version": 1, "message": "new_change"})
			return nil
		}
		select {
		case <-changed:
		case <-timeout.C:
			writeJSON(w, http.StatusOK, object{"version": 1, "message": "reconnect"})
			return nil
		case <-c.r.Context().Done():
			return nil
		}
	}
}
