package tasks

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// maxTags is how many tags a task can have besides the built-in one: as many as
// fit into one answer.
const maxTags = 199

// Tag is a mark on Box users of a task.
type Tag struct {
	ID      backup.TagID `json:"id"`
	Name    string       `json:"name"`
	BuiltIn bool         `json:"builtIn" doc:"Whether every task has it: Limited Access, which keeps what a Box user has from all portal users but the primary one."`
	Users   int          `json:"users" doc:"How many Box users have it."`
}

type tagsInput struct {
	TaskPath
	Query string `query:"q" maxLength:"200" doc:"Only tags whose name contains this."`
}

// tags lists the built-in tag and then the others by name.
func (s *Server) tags(ctx context.Context, who account.Session, in *tagsInput) (*struct{ Body api.List[Tag] }, error) {
	t, err := s.Tasks.Living(ctx, who.Account, in.Task)
	if err != nil {
		return nil, err
	}
	all, err := s.Tasks.Tags(ctx, who.Account, in.Task)
	if err != nil {
		return nil, err
	}
	totals, err := s.totals(ctx, t)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body api.List[Tag] }{api.List[Tag]{Items: []Tag{}}}
	for _, tag := range all {
		if contains(tag.Name, in.Query) {
			out.Body.Items = append(out.Body.Items, Tag{ID: tag.ID, Name: tag.Name, BuiltIn: tag.BuiltIn(), Users: totals.ByTag[tag.ID]})
		}
	}
	slices.SortStableFunc(out.Body.Items, func(a, b Tag) int {
		if a.BuiltIn || b.BuiltIn {
			return 0 // it comes first already
		}
		return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	out.Body.Total = new(len(out.Body.Items))
	return out, nil
}

// NewTag is a tag to be.
type NewTag struct {
	Name string `json:"name" maxLength:"160" doc:"At most 40 characters; another tag of the task must not have it, in whatever case."`
}

type newTagInput struct {
	TaskPath
	Body NewTag
}

func (s *Server) createTag(ctx context.Context, who account.Session, in *newTagInput) (*struct{ Body Tag }, error) {
	name, err := api.Line("name", "The name", in.Body.Name, 1, 40)
	if err != nil {
		return nil, err
	}
	t, err := s.Tasks.Living(ctx, who.Account, in.Task)
	if err != nil {
		return nil, err
	}
	all, err := s.Tasks.Tags(ctx, who.Account, in.Task)
	if err != nil {
		return nil, err
	}
	id := backup.TagID(api.NewID(ctx, s.Now()))
	if i := slices.IndexFunc(all, func(t task.Tag) bool { return t.ID == id }); i >= 0 { // the same request got as far as this before
		return &struct{ Body Tag }{Tag{ID: id, Name: all[i].Name}}, nil
	}
	if len(all) > maxTags {
		return nil, backup.Errorf(backup.Conflict, "This backup task has %d tags, as many as it can. Delete one first.", maxTags)
	}
	tag := task.Tag{Account: who.Account, Task: in.Task, ID: id, Name: name, Created: s.Now().UTC()}
	if err := s.Tasks.CreateTag(ctx, tag); err != nil {
		return nil, err
	}
	if err := s.tell(ctx, who, t, audit.Tags, "Tag "+tag.Name+" created"); err != nil {
		return nil, err
	}
	return &struct{ Body Tag }{Tag{ID: tag.ID, Name: tag.Name}}, nil
}

type tagInput struct {
	TaskPath
	Tag backup.TagID `path:"tag" maxLength:"64"`
}

// deleteTag removes the tag first, so that nobody gets it any more, and then
// from those who have it.
func (s *Server) deleteTag(ctx context.Context, who account.Session, in *tagInput) (*struct{}, error) {
	t, err := s.Tasks.Living(ctx, who.Account, in.Task)
	if err != nil {
		return nil, err
	}
	name, err := s.names(ctx, t, in.Tag)
	if err != nil {
		return nil, err
	}
	if err := s.Tasks.DeleteTag(ctx, who.Account, in.Task, in.Tag); err != nil {
		return nil, err
	}
	_, err = s.perform(ctx, who, t, task.Action{Name: untagging, Remove: []backup.TagID{in.Tag}}, nil)
	if err != nil {
		return nil, err
	}
	return nil, s.tell(ctx, who, t, audit.Tags, "Tag "+name+" deleted")
}

// Tagging says which tags Box users get and lose.
type Tagging struct {
	BoxUserChoice
	Add    []backup.TagID `json:"add,omitempty" maxItems:"200" nullable:"false" doc:"The tags that they get."`
	Remove []backup.TagID `json:"remove,omitempty" maxItems:"200" nullable:"false" doc:"The tags that they lose."`
}

type taggingInput struct {
	TaskPath
	Body Tagging
}

func (s *Server) tagUsers(ctx context.Context, who account.Session, in *taggingInput) (*actionOutput, error) {
	add, remove := in.Body.Add, in.Body.Remove
	if len(add)+len(remove) == 0 {
		return nil, backup.Field("add", "Name tags to add or to remove.")
	}
	if slices.ContainsFunc(add, func(id backup.TagID) bool { return slices.Contains(remove, id) }) {
		return nil, backup.Field("remove", "A tag cannot be added and removed at once.")
	}
	return s.chosen(ctx, who, &actionInput{TaskPath: in.TaskPath, Body: in.Body.BoxUserChoice}, task.Action{Name: tagging, Add: add, Remove: remove})
}

// retags is the deed of giving and taking tags.
func (s *Server) retags(ctx context.Context, who account.Session, t task.Task, a task.Action, d *deed) error {
	if err := s.known(ctx, t, a.Add, a.Remove); err != nil {
		return err
	}
	d.kind = audit.Tags
	if slices.Contains(a.Add, backup.LimitedAccess) || slices.Contains(a.Remove, backup.LimitedAccess) {
		if err := s.primaryOnly(ctx, who); err != nil {
			return err
		}
		d.kind = audit.Access
		d.end = func(ctx context.Context, _ task.Action) error { s.countAtOnce(ctx, t); return nil }
	}
	var said []string
	for _, change := range []struct {
		what string
		tags []backup.TagID
	}{{"given", a.Add}, {"taken", a.Remove}} {
		names, err := s.names(ctx, t, change.tags...)
		if err != nil {
			return err
		}
		if names != "" {
			said = append(said, names+" "+change.what)
		}
	}
	d.text = strings.Join(said, ", ")
	d.changes = func(u task.BoxUser) bool { return gets(u, a.Add, a.Remove) }
	d.act = func(ctx context.Context, u task.BoxUser) error { return s.Tasks.Tag(ctx, u, a.Add, a.Remove) }
	return nil
}

// names are those of the tags, as a sentence has them.
func (s *Server) names(ctx context.Context, t task.Task, ids ...backup.TagID) (string, error) {
	all, err := s.Tasks.Tags(ctx, t.Account, t.ID)
	var names []string
	for _, tag := range all {
		if slices.Contains(ids, tag.ID) {
			names = append(names, tag.Name)
		}
	}
	return strings.Join(names, ", "), err
}

// known checks that the task has these tags.
func (s *Server) known(ctx context.Context, t task.Task, add, remove []backup.TagID) error {
	all, err := s.Tasks.Tags(ctx, t.Account, t.ID)
	if err != nil {
		return err
	}
	for field, ids := range map[string][]backup.TagID{"add": add, "remove": remove} {
		for _, id := range ids {
			if !slices.ContainsFunc(all, func(tag task.Tag) bool { return tag.ID == id }) {
				return backup.Field(field, "This backup task does not have such a tag.")
			}
		}
	}
	return nil
}

func (s *Server) limits() api.Limits { return api.Limits{Sessions: s.Sessions, Tasks: s.Tasks} }

// primaryOnly lets nobody but the primary user pass.
func (s *Server) primaryOnly(ctx context.Context, who account.Session) error {
	user, err := s.Sessions.User(ctx, who)
	if err == nil && !user.Primary {
		return backup.Errorf(backup.Forbidden, "Only the primary user of the account can limit access to what a Box user has, or open it again.")
	}
	return err
}
