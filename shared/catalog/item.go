package catalog

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"coffer/shared/backup"
)

// State says which content a snapshot has for a file.
type State int

// The states. Folders and web links are Complete.
const (
	Complete  State = iota // the content of the version that Box named
	Earlier                // that of an earlier version, because the run could not read the newer one
	Absent                 // none: no version could be read
	Reference              // of any kind: another Box user owns the item and that user's backup holds it
)

// Item is a Box item as a snapshot has it. Times are in UTC, to the
// millisecond, and zero where Box gave none.
type Item struct {
	backup.ItemRef
	Parent string // the folder's id; "" for a root
	Name   string

	Description string
	Tags        []string
	URL         string // of a web link

	Content   backup.Content // of a file; zero for the others
	VersionID string
	Past      bool  // Content and VersionID are those of a past version; only Wanted returns such
	State     State // Reference and Absent stay; Put takes the others for Complete, and Seal sets them

	ETag, SequenceID                    string
	CreatedAt, ModifiedAt               time.Time // by Box's clock
	ContentCreatedAt, ContentModifiedAt time.Time // as the uploader said
	CreatedBy, ModifiedBy, OwnedBy      string    // as the writer of the catalog spells people
	ExternallyOwned                     bool

	Extra json.RawMessage // what else Box said and a restore may need; kept byte for byte
}

// The columns of table item that describe the item, in the order of columns,
// and of view: the same with texts instead of pointers to them.
const (
	stored = `kind, id, parent, name, state, sha1, size, version, etag, sequence,
		created_at, modified_at, content_created_at, content_modified_at,
		created_by, modified_by, owned_by, external, description, tags, url, extra`
	viewed = `i.row, i.kind, i.id, i.parent, i.name, i.state, i.sha1, i.size, i.version, i.etag, i.sequence,
		i.created_at, i.modified_at, i.content_created_at, i.content_modified_at,
		(SELECT text FROM value WHERE n = i.created_by), (SELECT text FROM value WHERE n = i.modified_by),
		(SELECT text FROM value WHERE n = i.owned_by), i.external, i.description, i.tags, i.url,
		(SELECT text FROM value WHERE n = i.extra)`
	width = 22
)

// columns are the values of the stored columns as the driver gives them.
type columns [width]any

const (
	colState, colSHA1, colSize, colVersion = 4, 5, 6, 7
	colContentCreated, colContentModified  = 12, 13
)

// Trash is the id of the folder that a writer keeps what is in the trash in: a
// root beside RootFolder, whose items no snapshot counts.
const Trash = "trash"

// counted selects the items that count.
const counted = "parent IS NOT NULL AND parent IS NOT '" + Trash + "'"

var kinds = [...]backup.ItemKind{1: backup.Folder, 2: backup.File, 3: backup.WebLink}

func kindNumber(k backup.ItemKind) (int64, error) {
	for n, kind := range kinds {
		if n > 0 && kind == k {
			return int64(n), nil
		}
	}
	return 0, fmt.Errorf("item kind %q", k)
}

// number keeps decimal numbers as integers, which take a third of the space.
func number(s string) any {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && strconv.FormatInt(n, 10) == s {
		return n
	}
	return s
}

// key encodes the identity of an item.
func key(ref backup.ItemRef) (kind int64, id any, err error) {
	if ref.ID == "" {
		return 0, nil, fmt.Errorf("%s without an id", ref.Kind)
	}
	kind, err = kindNumber(ref.Kind)
	return kind, number(ref.ID), err
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func optional(s string) any {
	if s == "" {
		return nil
	}
	return number(s)
}

func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// encode returns the item's columns; intern stores a text and returns its
// number.
func encode(it *Item, intern func(string) (any, error)) (columns, error) {
	kind, id, err := key(it.ItemRef)
	if err != nil {
		return columns{}, err
	}
	state := Complete
	if it.State == Reference || it.State == Absent {
		state = it.State
	}
	c := columns{
		kind, id, optional(it.Parent), it.Name, int64(state), nil, nil, optional(it.VersionID), optional(it.ETag), optional(it.SequenceID),
		millis(it.CreatedAt), millis(it.ModifiedAt), millis(it.ContentCreatedAt), millis(it.ContentModifiedAt),
		it.CreatedBy, it.ModifiedBy, it.OwnedBy, nil, text(it.Description), nil, text(it.URL), string(it.Extra),
	}
	if it.Kind == backup.File {
		c[colSHA1], c[colSize] = it.Content.SHA1[:], it.Content.Size
	}
	if it.ExternallyOwned {
		c[17] = int64(1)
	}
	if len(it.Tags) > 0 {
		tags, err := json.Marshal(it.Tags)
		if err != nil {
			return columns{}, err
		}
		c[19] = string(tags)
	}
	for _, i := range []int{14, 15, 16, 21} {
		if c[i], err = intern(c[i].(string)); err != nil {
			return columns{}, err
		}
	}
	return c, nil
}

func (c *columns) equal(o *columns) bool {
	for i := range c {
		if i == colSHA1 {
			a, _ := c[i].([]byte)
			b, _ := o[i].([]byte)
			if string(a) != string(b) {
				return false
			}
		} else if c[i] != o[i] {
			return false
		}
	}
	return true
}

// scan reads the viewed columns of a row.
func scan(row interface{ Scan(...any) error }) (it Item, n int64, err error) {
	var c columns
	into := make([]any, 0, width+1)
	into = append(into, &n)
	for i := range c {
		into = append(into, &c[i])
	}
	if err := row.Scan(into...); err != nil {
		return Item{}, 0, err
	}
	kind, _ := c[0].(int64)
	if kind < 1 || int(kind) >= len(kinds) {
		return Item{}, 0, fmt.Errorf("row %d: item kind %d", n, kind)
	}
	it = Item{
		ItemRef: backup.ItemRef{Kind: kinds[kind], ID: str(c[1])},
		Parent:  str(c[2]), Name: str(c[3]), State: State(integer(c[colState])),
		VersionID: str(c[7]), ETag: str(c[8]), SequenceID: str(c[9]),
		CreatedAt: instant(c[10]), ModifiedAt: instant(c[11]), ContentCreatedAt: instant(c[12]), ContentModifiedAt: instant(c[13]),
		CreatedBy: str(c[14]), ModifiedBy: str(c[15]), OwnedBy: str(c[16]), ExternallyOwned: c[17] != nil,
		Description: str(c[18]), URL: str(c[20]),
	}
	if sum, ok := c[colSHA1].([]byte); ok {
		copy(it.Content.SHA1[:], sum)
		it.Content.Size = integer(c[colSize])
	}
	if extra := str(c[21]); extra != "" {
		it.Extra = json.RawMessage(extra)
	}
	if tags := str(c[19]); tags != "" {
		if err := json.NewDecoder(strings.NewReader(tags)).Decode(&it.Tags); err != nil {
			return Item{}, 0, fmt.Errorf("row %d: tags: %w", n, err)
		}
	}
	return it, n, nil
}

func str(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return ""
}

func integer(v any) int64 {
	n, _ := v.(int64)
	return n
}

func instant(v any) time.Time {
	if ms, ok := v.(int64); ok {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}
