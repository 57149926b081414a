package box

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"coffer/shared/backup"
)

// Event says that something happened. Events are hints: they come twice, out of
// order and late, so what they say must not be taken for the state of things.
type Event struct {
	ID        string
	Type      string
	CreatedAt time.Time
	CreatedBy Mini

	// Item is what the event is about, or nil where that is no item. Events of
	// a user's stream tell the whole item; those of the enterprise's streams
	// its kind, id, name, owner and new parent.
	Item *Item
	// User is whom the event is about, where it is about a user: for a
	// collaboration, who was given access.
	User Mini

	Source  json.RawMessage // as Box wrote it
	Details json.RawMessage // additional_details
}

// Events is a part of a stream. Next is the position to go on from; it is kept
// as Box wrote it, and stays the old one where Box names none. A stream has been
// read to its end when Entries is empty or Next has not moved; fewer entries
// than usual do not mean the end.
type Events struct {
	Entries []Event
	Next    string
}

// UnmarshalJSON reads an event of any stream.
func (e *Event) UnmarshalJSON(data []byte) error {
	var in struct {
		ID         text            `json:"event_id"`
		Type       text            `json:"event_type"`
		CreatedAt  moment          `json:"created_at"`
		CreatedBy  Mini            `json:"created_by"`
		Accessible Mini            `json:"accessible_by"`
		Source     json.RawMessage `json:"source"`
		Details    json.RawMessage `json:"additional_details"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*e = Event{
		ID: string(in.ID), Type: string(in.Type), CreatedAt: time.Time(in.CreatedAt), CreatedBy: in.CreatedBy,
		Source: in.Source, Details: in.Details,
	}
	if e.Item, e.User = subject(in.Source); e.User.ID == "" && in.Accessible.Type == "user" {
		e.User = in.Accessible
	}
	return nil
}

// subject finds out what a source is: an item or user of the API, one of the
// forms that enterprise events have, or a comment or task with its item.
func subject(source json.RawMessage) (*Item, Mini) {
	var s struct {
		About      json.RawMessage `json:"item"`
		Kind       text            `json:"item_type"`
		ItemID     text            `json:"item_id"`
		ItemName   text            `json:"item_name"`
		FileID     text            `json:"file_id"`
		FileName   text            `json:"file_name"`
		FolderID   text            `json:"folder_id"`
		FolderName text            `json:"folder_name"`
		UserID     text            `json:"user_id"`
		UserName   text            `json:"user_name"`
	}
	var item Item
	if json.Unmarshal(source, &s) != nil || json.Unmarshal(source, &item) != nil {
		return nil, Mini{} // null, say
	}
	user := Mini{Type: "user", ID: string(s.UserID), Name: string(s.UserName)}
	if user.ID == "" {
		user = Mini{}
	}
	kind := item.Kind
	if s.Kind != "" {
		item.Kind, item.ID, item.Name = backup.ItemKind(s.Kind), string(s.ItemID), string(s.ItemName)
	} else if s.FileID != "" {
		item.Kind, item.ID, item.Name = backup.File, string(s.FileID), string(s.FileName)
	} else if s.FolderID != "" {
		item.Kind, item.ID, item.Name = backup.Folder, string(s.FolderID), string(s.FolderName)
	}
	switch {
	case kind == "user":
		_ = json.Unmarshal(source, &user) // never fails
	case kind == "comment", kind == "task", kind == "task_assignment":
		item = Item{}
		_ = json.Unmarshal(s.About, &item) // nothing may be there
	}
	switch item.Kind {
	case backup.File, backup.Folder, backup.WebLink:
		return &item, user
	}
	return nil, user
}

// Changes returns what happened to the acting user's items after the position,
// which ChangesNow or an earlier call gave. Box keeps two weeks at least. It is
// the stream of everything, with what was merely looked at: the one that Box
// calls changes says nothing of comments, tasks, tags and shared links. None of
// a user's streams tells of metadata.
func (c *Client) Changes(ctx context.Context, position string) (Events, error) {
	return c.events(ctx, "event.changes", position, url.Values{"stream_type": {"all"}})
}

// ChangesNow returns the position behind everything that has happened.
func (c *Client) ChangesNow(ctx context.Context) (string, error) {
	events, err := c.Changes(ctx, "now")
	return events.Next, err
}

// AdminEvents returns what happened in the whole enterprise after the position,
// limited to the types if there are any. Box keeps two weeks. It needs an
// administrator's token with the scope to manage enterprise properties.
func (c *Client) AdminEvents(ctx context.Context, position string, types ...string) (Events, error) {
	query := url.Values{"stream_type": {"admin_logs_streaming"}}
	if len(types) > 0 {
		query.Set("event_type", strings.Join(types, ","))
	}
	return c.events(ctx, "event.admin", position, query)
}

// AdminEventsNow returns the position behind everything that has happened.
func (c *Client) AdminEventsNow(ctx context.Context) (string, error) {
	events, err := c.AdminEvents(ctx, "now")
	return events.Next, err
}

// AdminHistory returns what happened in the whole enterprise between two times,
// up to a year ago, after a position that an earlier call of it gave or "".
// What is younger than a minute or so may be missing.
func (c *Client) AdminHistory(ctx context.Context, from, to time.Time, position string, types ...string) (Events, error) {
	query := url.Values{
		"stream_type":    {"admin_logs"},
		"created_after":  {from.UTC().Format(time.RFC3339)},
		"created_before": {to.UTC().Format(time.RFC3339)},
	}
	if len(types) > 0 {
		query.Set("event_type", strings.Join(types, ","))
	}
	return c.events(ctx, "event.history", position, query)
}

// stream is a part of a stream on the wire.
type stream struct {
	Entries []Event `json:"entries"`
	Next    text    `json:"next_stream_position"` // a number or a string, above 2^53 as well
}

func (s *stream) whole() bool { return s.Entries != nil }

func (c *Client) events(ctx context.Context, kind, position string, query url.Values) (Events, error) {
	query.Set("limit", "500")
	if position != "" {
		query.Set("stream_position", position)
	}
	var out stream
	if err := c.do(ctx, call{kind: kind, method: http.MethodGet, url: c.api("events"), query: query}, &out); err != nil {
		return Events{}, err
	}
	next := string(out.Next)
	if next == "" || next == "0" { // no position: Box's way to say "nothing new"
		next = position
	}
	return Events{Entries: out.Entries, Next: next}, nil
}
