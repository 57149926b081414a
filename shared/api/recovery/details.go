package recovery

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"coffer/shared/account"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
)

// maxDetails is how many of a kind an answer tells of, so that it stays far
// below what a function may answer.
const maxDetails = 1000

// ItemDetails is all that a snapshot has of an item.
type ItemDetails struct {
	Item
	Path           []Item          `json:"path" nullable:"false" doc:"The folders from below the root folder to the item, itself included."`
	CreatedBy      string          `json:"createdBy,omitempty"`
	ModifiedBy     string          `json:"modifiedBy,omitempty"`
	ContentCreated time.Time       `json:"contentCreated,omitzero"`
	External       bool            `json:"external,omitempty" doc:"Whether it belongs to another company."`
	SharedLink     *SharedLink     `json:"sharedLink,omitempty"`
	Classification string          `json:"classification,omitempty"`
	Collaborations []Collaboration `json:"collaborations" nullable:"false"`
	Comments       []Comment       `json:"comments" nullable:"false" doc:"On a file, oldest first."`
	Tasks          []ItemTask      `json:"tasks" nullable:"false" doc:"On a file."`
	Metadata       []Metadata      `json:"metadata" nullable:"false" doc:"In the order of scopes and templates."`
	Versions       []Version       `json:"versions" nullable:"false" doc:"Past ones of a file, newest first."`
	Shortened      bool            `json:"shortened,omitempty" doc:"Whether there is more than the first 1,000 of something, which is all that is told."`
}

// SharedLink is an item's link as Box described it.
type SharedLink struct {
	URL         string `json:"url,omitempty"`
	Access      string `json:"access,omitempty" doc:"Who could open it: open, company or collaborators."`
	Vanity      string `json:"vanity,omitempty" doc:"The custom name."`
	Password    bool   `json:"password,omitempty" doc:"Whether it asked for one."`
	Expires     string `json:"expires,omitempty"`
	CanDownload bool   `json:"canDownload"`
	CanEdit     bool   `json:"canEdit"`
}

// Collaboration is somebody's access to the item.
type Collaboration struct {
	Who     string    `json:"who" doc:"A name, or the address of who was invited."`
	Login   string    `json:"login,omitempty"`
	Group   bool      `json:"group,omitempty" doc:"Whether it is a group."`
	Role    string    `json:"role"`
	Status  string    `json:"status"`
	Expires time.Time `json:"expires,omitzero"`
	Created time.Time `json:"created,omitzero"`
}

// Comment is a comment on a file, or an answer to one.
type Comment struct {
	ID       string    `json:"id"`
	ReplyTo  string    `json:"replyTo,omitempty" doc:"The comment that it answers."`
	Message  string    `json:"message"`
	By       string    `json:"by"`
	Login    string    `json:"login,omitempty"`
	Created  time.Time `json:"created,omitzero"`
	Modified time.Time `json:"modified,omitzero"`
}

// ItemTask asks people to do something about a file.
type ItemTask struct {
	Action    string     `json:"action" doc:"Review or complete."`
	Message   string     `json:"message,omitempty"`
	By        string     `json:"by,omitempty"`
	Due       time.Time  `json:"due,omitzero"`
	Created   time.Time  `json:"created,omitzero"`
	Assignees []Assignee `json:"assignees" nullable:"false"`
}

// Assignee is who has to do it.
type Assignee struct {
	Who   string `json:"who"`
	Login string `json:"login,omitempty"`
	State string `json:"state" doc:"Incomplete, completed, approved or rejected."`
}

// Metadata is what an item has of one template.
type Metadata struct {
	Scope    string         `json:"scope"`
	Template string         `json:"template"`
	Fields   map[string]any `json:"fields"`
}

// Version is a past version of a file.
type Version struct {
	ID         string    `json:"id"`
	Number     int64     `json:"number,omitempty"`
	Name       string    `json:"name"`
	Size       int64     `json:"size"`
	SHA1       string    `json:"sha1"`
	State      string    `json:"state" enum:"complete,absent" doc:"Absent: its content could not be backed up."`
	Modified   time.Time `json:"modified,omitzero"`
	ModifiedBy string    `json:"modifiedBy,omitempty"`
}

type detailsInput struct {
	SnapshotPath
	Item string          `path:"item" maxLength:"64"`
	Kind backup.ItemKind `query:"kind" enum:"folder,file,web_link" default:"file" doc:"Items of two kinds may have the same id."`
}

func (s *Server) details(ctx context.Context, who account.Session, in *detailsInput) (*struct{ Body ItemDetails }, error) {
	c, err := s.open(ctx, who, in.SnapshotPath)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	ref, snap := backup.ItemRef{Kind: in.Kind, ID: in.Item}, c.row.Sealed()
	it, err := c.Item(ctx, snap, ref)
	if err != nil {
		return nil, err
	}
	d, err := c.Details(ctx, snap, ref)
	if err != nil {
		return nil, err
	}
	path, err := c.Path(ctx, snap, ref)
	if err != nil {
		return nil, err
	}
	out := ItemDetails{
		Item: describeItem(it), Path: describeItems(path), CreatedBy: valid(it.CreatedBy), ModifiedBy: valid(it.ModifiedBy),
		ContentCreated: it.ContentCreatedAt, External: it.ExternallyOwned,
	}
	if err := out.extra(it.Extra, d.Metadata); err != nil {
		return nil, err
	}
	out.Collaborations = first(&out, d.Collaborations, describeCollaboration)
	out.Comments = first(&out, d.Comments, describeComment)
	out.Tasks = first(&out, d.Tasks, describeItemTask)
	out.Versions = first(&out, d.Versions, describeVersion)
	return &struct{ Body ItemDetails }{out}, nil
}

// first describes as many of all as an answer tells of.
func first[From, To any](d *ItemDetails, all []From, describe func(From) To) []To {
	out := []To{}
	for _, one := range all[:min(maxDetails, len(all))] {
		out = append(out, describe(one))
	}
	d.Shortened = d.Shortened || len(all) > maxDetails
	return out
}

func describeCollaboration(c catalog.Collaboration) Collaboration {
	return Collaboration{
		Who: cmp.Or(c.Who.Name, c.Who.Login, c.Invited, c.Who.ID), Login: cmp.Or(c.Who.Login, c.Invited), Group: c.Who.Type == "group",
		Role: c.Role, Status: c.Status, Expires: c.Expires, Created: c.Created,
	}
}

func describeComment(c catalog.Comment) Comment {
	return Comment{
		ID: c.ID, ReplyTo: c.ReplyTo, Message: c.Message, By: cmp.Or(c.By.Name, c.By.Login, c.By.ID), Login: c.By.Login,
		Created: c.Created, Modified: c.Modified,
	}
}

func describeItemTask(t catalog.Task) ItemTask {
	out := ItemTask{
		Action: t.Action, Message: t.Message, By: cmp.Or(t.By.Name, t.By.Login, t.By.ID), Due: t.Due, Created: t.Created, Assignees: []Assignee{},
	}
	for _, a := range t.Assignments {
		out.Assignees = append(out.Assignees, Assignee{Who: cmp.Or(a.To.Name, a.To.Login, a.To.ID), Login: a.To.Login, State: a.State})
	}
	return out
}

func describeVersion(v catalog.PastVersion) Version {
	out := Version{
		ID: v.ID, Number: v.Number, Name: valid(v.Name), Size: v.Content.Size, SHA1: v.Content.SHA1.String(), State: "complete",
		Modified: v.ModifiedAt, ModifiedBy: valid(v.ModifiedBy),
	}
	if v.State == catalog.Absent {
		out.State = "absent"
	}
	return out
}

// extra tells what Box said with the item: its link, its classification and its
// metadata. More are the instances that the listing did not tell.
func (d *ItemDetails) extra(text json.RawMessage, more []json.RawMessage) error {
	var told struct {
		Link           *box.SharedLink `json:"shared_link"`
		Classification struct {
			Name string `json:"name"`
		} `json:"classification"`
		Metadata map[string]map[string]map[string]any `json:"metadata"`
	}
	if err := decode(text, &told); err != nil {
		return err
	}
	if l := told.Link; l != nil {
		d.SharedLink = &SharedLink{
			URL: l.URL, Access: l.Access, Vanity: l.Vanity, Password: l.Password, Expires: l.Expires,
			CanDownload: l.Permissions.Download, CanEdit: l.Permissions.Edit,
		}
	}
	d.Classification = told.Classification.Name
	all := []Metadata{}
	for scope, templates := range told.Metadata {
		for template, fields := range templates {
			all = append(all, Metadata{scope, template, own(fields)})
		}
	}
	for _, text := range more {
		var fields map[string]any
		if err := decode(text, &fields); err != nil {
			return err
		}
		scope, _ := fields["$scope"].(string)
		template, _ := fields["$template"].(string)
		all = append(all, Metadata{scope, template, own(fields)})
	}
	slices.SortFunc(all, func(a, b Metadata) int {
		return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Template, b.Template))
	})
	d.Metadata = first(d, all, func(m Metadata) Metadata { return m })
	return nil
}

// own leaves out the fields that are Box's.
func own(fields map[string]any) map[string]any {
	out := map[string]any{}
	for name, value := range fields {
		if !strings.HasPrefix(name, "$") {
			out[name] = value
		}
	}
	return out
}

// decode reads what the archiver stored as JSON, and keeps numbers as Box wrote
// them.
func decode(text json.RawMessage, into any) error {
	if len(text) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}
