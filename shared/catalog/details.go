package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"coffer/shared/backup"
)

// Details are what Box keeps with an item and does not tell in a listing.
type Details struct {
	Collaborations []Collaboration
	Comments       []Comment // on a file, oldest first
	Tasks          []Task    // on a file
	// Metadata are the instances that the item's Extra does not hold, as Box
	// wrote them.
	Metadata []json.RawMessage
	Versions []PastVersion // past ones, newest first

	told map[Part]int64
}

// Told returns what the listing said of a part when it was read, 0 for a part
// that was never read.
func (d *Details) Told(p Part) int64 { return d.told[p] }

// Person is a user or group of Box, as far as Box told.
type Person struct {
	Type  string `json:"type,omitempty"` // user, group
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Login string `json:"login,omitempty"`
}

// Collaboration is somebody's access to the item.
type Collaboration struct {
	ID         string    `json:"id"`
	Role       string    `json:"role"`
	Status     string    `json:"status"`
	Who        Person    `json:"who,omitzero"`
	Invited    string    `json:"invited,omitempty"` // the address, while there is no such user
	ViewPath   bool      `json:"viewPath,omitempty"`
	AccessOnly bool      `json:"accessOnly,omitempty"`
	Expires    time.Time `json:"expires,omitzero"`
	Created    time.Time `json:"created,omitzero"`
	By         Person    `json:"by,omitzero"`
}

// Comment is a comment on a file, or an answer to one.
type Comment struct {
	ID       string    `json:"id"`
	ReplyTo  string    `json:"replyTo,omitempty"` // the comment's id
	Message  string    `json:"message"`
	Tagged   string    `json:"tagged,omitempty"` // the message with its mentions, as Box writes them
	By       Person    `json:"by,omitzero"`
	Created  time.Time `json:"created,omitzero"`
	Modified time.Time `json:"modified,omitzero"`
}

// Task asks people to do something about a file.
type Task struct {
	ID          string       `json:"id"`
	Action      string       `json:"action"` // review, complete
	Message     string       `json:"message,omitempty"`
	Rule        string       `json:"rule,omitempty"` // all_assignees, any_assignee
	Due         time.Time    `json:"due,omitzero"`
	Created     time.Time    `json:"created,omitzero"`
	By          Person       `json:"by,omitzero"`
	Assignments []Assignment `json:"assignments,omitempty"`
}

// Assignment is one person's share in a task.
type Assignment struct {
	ID      string `json:"id"`
	To      Person `json:"to"`
	State   string `json:"state"` // incomplete, completed, approved, rejected
	Message string `json:"message,omitempty"`
}

// PastVersion is an earlier version of a file.
type PastVersion struct {
	ID                    string
	Number                int64 // 0 where Box does not say
	Name                  string
	Content               backup.Content
	State                 State // Complete or Absent
	CreatedAt, ModifiedAt time.Time
	ModifiedBy            string // as the writer of the catalog spells people
}

// Part is a kind of details.
type Part int64

// The parts.
const (
	Collaborations Part = iota + 1
	Comments
	Tasks
	Metadata
	Versions
)

// list returns where the details keep a part other than Versions.
func (d *Details) list(p Part) any {
	switch p {
	case Collaborations:
		return &d.Collaborations
	case Comments:
		return &d.Comments
	case Tasks:
		return &d.Tasks
	case Metadata:
		return &d.Metadata
	}
	return nil
}

const (
	selectDetail = `SELECT i.part, i.told, (SELECT text FROM value WHERE n = i.body) FROM detail i WHERE i.kind = ?2 AND i.id = ?3 AND ` + valid
	selectPast   = `SELECT i.version, i.state, i.sha1, i.size, i.number, (SELECT text FROM value WHERE n = i.name),
		i.created_at, i.modified_at, (SELECT text FROM value WHERE n = i.modified_by)
		FROM past i WHERE i.id = ?2 AND ` + valid + ` ORDER BY i.number DESC, i.created_at DESC, i.version DESC`
)

// rowsOf are the rows of a query, of the catalog or of a draft.
type rowsOf interface {
	Next() bool
	Scan(...any) error
	Err() error
	Close() error
}

// Details returns what a snapshot has of an item besides its row, and NotFound
// where the snapshot does not have the item.
func (c *Catalog) Details(ctx context.Context, snap backup.SnapshotID, ref backup.ItemRef) (Details, error) {
	s, err := c.Snapshot(ctx, snap)
	if err != nil {
		return Details{}, err
	}
	if _, err := c.item(ctx, s.n, ref); err != nil {
		return Details{}, err
	}
	if c.version.Load() < 2 {
		return Details{}, nil
	}
	kind, id, err := key(ref)
	if err != nil {
		return Details{}, err
	}
	d, err := readDetails(kind, func(query string, args ...any) (rowsOf, error) { return c.db.QueryContext(ctx, query, args...) }, s.n, id)
	if err != nil {
		return Details{}, fmt.Errorf("details of %s: %w", ref, err)
	}
	return d, nil
}

// readDetails reads an item's details as they are in snapshot n.
func readDetails(kind int64, query func(string, ...any) (rowsOf, error), n int64, id any) (Details, error) {
	d := Details{told: map[Part]int64{}}
	rows, err := query(selectDetail, n, kind, id)
	if err == nil {
		err = d.scanParts(rows)
	}
	if err != nil || kinds[kind] != backup.File || d.told[Versions] == 0 {
		return d, err
	}
	if rows, err = query(selectPast, n, id); err == nil {
		err = d.scanPast(rows)
	}
	return d, err
}

func (d *Details) scanParts(rows rowsOf) error {
	defer rows.Close()
	for rows.Next() {
		var (
			p    Part
			told int64
			body any
		)
		if err := rows.Scan(&p, &told, &body); err != nil {
			return err
		}
		d.told[p] = told
		list, text := d.list(p), str(body)
		if list == nil || text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), list); err != nil {
			return fmt.Errorf("part %d: %w", p, err)
		}
	}
	return rows.Err()
}

func (d *Details) scanPast(rows rowsOf) error {
	defer rows.Close()
	for rows.Next() {
		var c [9]any
		into := make([]any, len(c))
		for i := range c {
			into[i] = &c[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		v := PastVersion{
			ID: str(c[0]), State: State(integer(c[1])), Number: integer(c[4]), Name: str(c[5]),
			CreatedAt: instant(c[6]), ModifiedAt: instant(c[7]), ModifiedBy: str(c[8]),
		}
		if sum, ok := c[2].([]byte); ok {
			copy(v.Content.SHA1[:], sum)
			v.Content.Size = integer(c[3])
		}
		d.Versions = append(d.Versions, v)
	}
	return rows.Err()
}

// DetailRows returns how many rows the file has of parts of items and of past
// versions, over all snapshots.
func (c *Catalog) DetailRows(ctx context.Context) (parts, versions int64, err error) {
	if c.version.Load() < 2 {
		return 0, 0, nil
	}
	err = c.db.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM detail), (SELECT count(*) FROM past)").Scan(&parts, &versions)
	return parts, versions, err
}
