package task

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// actionTime is after how long without a step an action is taken for dead, so
// that another one may begin: longer than a message of one waits for a second
// worker.
const actionTime = 15 * time.Minute

// Choice says which Box users of a task an action is for: those that all of it
// holds for, where it is not empty.
type Choice struct {
	Status backup.Status `dynamo:",omitempty"`
	Tag    backup.TagID  `dynamo:",omitempty"`
	Query  string        `dynamo:",omitempty"` // in the name or e-mail address
}

// Action is what somebody has asked to be done for more Box users than one call of
// the API has time for. It is done in steps, in the order of their ids, each of
// which may be repeated.
type Action struct {
	Account backup.AccountID
	Task    backup.TaskID
	ID      string // of the request
	Name    string // what is done; the API's word for it
	Choice  Choice
	Add     []backup.TagID `dynamo:",omitempty"` // tags that they get
	Remove  []backup.TagID `dynamo:",omitempty"` // and lose
	By      backup.UserID
	Email   string
	Asked   time.Time
	// Expected is for about how many it is done, 0 where nobody knows.
	Expected int

	// How far it has come.
	After   backup.BoxUserID `dynamo:",omitempty"` // the last Box user who was looked at
	Done    int              // for how many it was done
	Changed int              // for how many of them it changed something
	Named   []string         `dynamo:",omitempty"` // the first of them
	Refused int
	Refusal string    `dynamo:",omitempty"` // the first of why not, a sentence with the name
	Stepped time.Time // when it last got on
	Steps   int
	Open    bool      `dynamo:",omitempty"` // somebody works on it, or died over it
	Ended   time.Time `dynamo:",omitempty"`
}

type actionItem struct {
	PK string `dynamo:"PK,hash"`
	SK string `dynamo:"SK,range"`
	Action
}

const actionKey = "ACTION"

// BeginAction stores an action that its caller then sends the message of. It is a
// Conflict while another one of the task goes on; the same may begin again.
func (t *Table) BeginAction(ctx context.Context, a Action) error {
	a.Stepped = t.Now()
	put := t.table.Put(actionItem{PK: partition(a.Account, a.Task), SK: actionKey, Action: a}).
		If("attribute_not_exists(PK) OR attribute_exists(Ended) OR Stepped < ?", a.Stepped.Add(-actionTime))
	err := put.Run(ctx)
	if !dynamo.IsCondCheckFailed(err) {
		return wrap(err, "action %s of task %s", a.Name, a.Task)
	}
	going, err := t.Action(ctx, a.Account, a.Task)
	if err == nil && going.ID != a.ID {
		err = backup.Errorf(backup.Conflict, "What %s has asked for is still being done for many Box users. Try again when it has ended.", going.Email)
	}
	return err
}

// Action returns the latest action of a task for many Box users, a zero one where
// there was none.
func (t *Table) Action(ctx context.Context, account backup.AccountID, id backup.TaskID) (Action, error) {
	var item actionItem
	err := t.table.Get("PK", partition(account, id)).Range("SK", dynamo.Equal, actionKey).Consistent(true).One(ctx, &item)
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return Action{}, fmt.Errorf("action of task %s: %w", id, err)
	}
	return item.Action, nil
}

// StepAction stores how far an action has come, and returns it as it is now. It is
// a Conflict where another worker has taken that step, or another action began.
func (t *Table) StepAction(ctx context.Context, a Action) (Action, error) {
	was := a.Steps
	a.Steps++
	a.Stepped = t.Now()
	err := t.table.Put(actionItem{PK: partition(a.Account, a.Task), SK: actionKey, Action: a}).
		If("ID = ? AND Steps = ? AND attribute_not_exists(Ended)", a.ID, was).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return Action{}, backup.Errorf(backup.Conflict, "Another worker has taken this step.")
	}
	return a, wrap(err, "step of action %s of task %s", a.Name, a.Task)
}
