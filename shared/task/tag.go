package task

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Tag is a mark that people put on Box users of a task.
type Tag struct {
	Account backup.AccountID
	Task    backup.TaskID
	ID      backup.TagID
	Name    string
	Created time.Time
}

// limitedName is the name of the tag LimitedAccess.
const limitedName = "Limited Access"

// BuiltIn reports whether the tag belongs to every task.
func (t Tag) BuiltIn() bool { return t.ID == backup.LimitedAccess }

type tagItem struct {
	PK string `dynamo:"PK,hash"`
	SK string `dynamo:"SK,range"`
	Tag
}

// nameItem keeps a second tag from having the name.
type nameItem struct {
	PK string `dynamo:"PK,hash"`
	SK string `dynamo:"SK,range"`
	ID backup.TagID
}

func tagKey(id backup.TagID) string { return "TAG#" + string(id) }

func nameKey(name string) string { return "TAGNAME#" + strings.ToLower(name) }

// CreateTag stores a new tag. It is a Conflict if the task has another one of
// that name, in whatever case, about the field "name".
func (t *Table) CreateTag(ctx context.Context, tag Tag) error {
	taken := backup.Taken("name", "This backup task has a tag of that name already.")
	if strings.EqualFold(tag.Name, limitedName) {
		return taken
	}
	pk := partition(tag.Account, tag.Task)
	err := t.db.WriteTx().
		Put(t.table.Put(nameItem{PK: pk, SK: nameKey(tag.Name), ID: tag.ID}).If("attribute_not_exists(PK) OR ID = ?", tag.ID)).
		Put(t.table.Put(tagItem{PK: pk, SK: tagKey(tag.ID), Tag: tag})).
		Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return taken
	}
	return wrap(err, "new tag of task %s", tag.Task)
}

// Tags returns a task's tags, the one that every task has first.
func (t *Table) Tags(ctx context.Context, account backup.AccountID, task backup.TaskID) ([]Tag, error) {
	var items []tagItem
	err := t.table.Get("PK", partition(account, task)).Range("SK", dynamo.BeginsWith, tagKey("")).Consistent(true).All(ctx, &items)
	if err != nil {
		return nil, fmt.Errorf("tags of task %s: %w", task, err)
	}
	tags := make([]Tag, 1, 1+len(items))
	tags[0] = Tag{Account: account, Task: task, ID: backup.LimitedAccess, Name: limitedName}
	for _, item := range items {
		tags = append(tags, item.Tag)
	}
	return tags, nil
}

// DeleteTag removes a tag, not yet from the Box users who have it; from then on
// their rows name a tag that does not exist.
func (t *Table) DeleteTag(ctx context.Context, account backup.AccountID, task backup.TaskID, id backup.TagID) error {
	if id == backup.LimitedAccess {
		return backup.Errorf(backup.Conflict, "This tag belongs to every backup task and cannot be deleted.")
	}
	none := backup.Errorf(backup.NotFound, "This tag does not exist.")
	pk := partition(account, task)
	var item tagItem
	err := t.table.Get("PK", pk).Range("SK", dynamo.Equal, tagKey(id)).Consistent(true).One(ctx, &item)
	if errors.Is(err, dynamo.ErrNotFound) {
		return none
	}
	if err != nil {
		return fmt.Errorf("tag %s: %w", id, err)
	}
	err = t.db.WriteTx().
		Delete(t.table.Delete("PK", pk).Range("SK", tagKey(id)).If("attribute_exists(PK)")).
		Delete(t.table.Delete("PK", pk).Range("SK", nameKey(item.Name))).
		Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return none
	}
	return wrap(err, "delete tag %s", id)
}

// Tag adds tags to a Box user and removes others. It is safe to repeat.
func (t *Table) Tag(ctx context.Context, u BoxUser, add, remove []backup.TagID) error {
	if err := t.retag(ctx, u, add, (*dynamo.Update).AddStringsToSet); err != nil {
		return err
	}
	return t.retag(ctx, u, remove, (*dynamo.Update).DeleteStringsFromSet)
}

func (t *Table) retag(ctx context.Context, u BoxUser, tags []backup.TagID, with func(*dynamo.Update, string, ...string) *dynamo.Update) error {
	if len(tags) == 0 {
		return nil
	}
	ids := make([]string, len(tags))
	for i, tag := range tags {
		ids[i] = string(tag)
	}
	err := with(t.updateUser(u), "Tags", ids...).If("attribute_exists(PK)").Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.NotFound, "This Box user does not exist.")
	}
	return wrap(err, "tags of Box user %s", u.ID)
}

// FirstTagged returns a Box user of the task who has the tag, and false where
// nobody has. It reads the rows themselves, since who may do what depends on it,
// but has DynamoDB send nothing of the others.
func (t *Table) FirstTagged(ctx context.Context, account backup.AccountID, task backup.TaskID, tag backup.TagID) (BoxUser, bool, error) {
	query := t.queryUsers(account, task, "").Consistent(true).Filter("contains(Tags, ?)", string(tag)).Project("ID", "Name", "Tags")
	for u, err := range eachUser(ctx, task, query) {
		return u, err == nil, err
	}
	return BoxUser{}, false, nil
}

// Tagged reports whether the Box user has the tag.
func (u BoxUser) Tagged(tag backup.TagID) bool { return slices.Contains(u.Tags, tag) }
