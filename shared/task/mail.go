package task

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

const (
	// mailTime is how long after its cause an e-mail is sent again: longer than a
	// request, or a step of an action, takes to send it.
	mailTime = 2 * time.Minute
	// MaxNamed is how many Box users an e-mail about their deletion names.
	MaxNamed = 20
)

// Mail is an e-mail that is sent whatever happens to whoever was about to send it.
type Mail struct {
	Message backup.MailMessage
	// Deletion is the request that deletes backups of Box users of Task: whose, the
	// message is still to say. It is empty of messages that are complete.
	Deletion string        `dynamo:",omitempty"`
	Task     backup.TaskID `dynamo:",omitempty"`
}

type mailItem struct {
	PK       string `dynamo:"PK,hash"`
	SK       string `dynamo:"SK,range"`
	DueShard string `index:"Due,hash"`
	DueAt    string `index:"Due,range"`
	Mail
}

func mailKey(id string) string { return "MAIL#" + id }

// KeepMail returns the part of a transaction that has these e-mails sent, should
// its caller not come to do so. It adds nothing where there are none.
func (t *Table) KeepMail(messages ...backup.MailMessage) func(*dynamo.WriteTx) {
	return func(tx *dynamo.WriteTx) {
		for _, m := range messages {
			tx.Update(t.keepMail(m.ID, Mail{Message: m}))
		}
	}
}

// KeepDeletion has an e-mail sent about the backups of Box users of a task that the
// request is about to delete, should its caller not come to do so. The message says
// by whom and until when; nothing is sent where none was deleted. It comes again for
// what takes longer.
func (t *Table) KeepDeletion(ctx context.Context, id backup.TaskID, request string, m backup.MailMessage) error {
	m.ID = request
	return wrap(t.keepMail(request, Mail{Message: m, Deletion: request, Task: id}).Run(ctx), "e-mail about request %s", request)
}

// KeepDeleted is KeepDeletion where it is known whose backups were deleted, so that
// nobody has to find out.
func (t *Table) KeepDeleted(ctx context.Context, request string, m backup.MailMessage) error {
	return wrap(t.keepMail(request, Mail{Message: m}).Run(ctx), "e-mail about request %s", request)
}

// keepMail is an update and not a put since support may do no more.
func (t *Table) keepMail(id string, m Mail) *dynamo.Update {
	up := t.table.Update("PK", string(m.Message.Account)).Range("SK", mailKey(id)).
		Set("DueShard", shard("mail", id)).Set("DueAt", stamp(t.Now().Add(mailTime))).Set("Message", m.Message)
	if m.Deletion == "" {
		return up.Remove("Deletion", "Task")
	}
	return up.Set("Deletion", m.Deletion).Set("Task", m.Task)
}

// Deletion is what the e-mail says whose backups a request has deleted: number of
// them, some by name. Who deletes more in the same request has it say so.
func Deletion(request string, m backup.MailMessage, names []string, number int) backup.MailMessage {
	slices.Sort(names)
	listed := strings.Join(names, ", ")
	if more := number - len(names); more > 0 {
		listed += " and " + strconv.Itoa(more) + " more"
	}
	n := strconv.Itoa(number)
	m.ID = request + "-" + n
	m.Data["number"], m.Data["names"] = n, listed
	return m
}

// Unsent calls visit with every kept e-mail whose time has come, and forgets those
// that it takes.
func (t *Table) Unsent(ctx context.Context, visit func(backup.MailMessage) error) error {
	return t.due(ctx, "mail", func(iter dynamo.Iter) error {
		var item mailItem
		var failed []error
		for iter.Next(ctx, &item) {
			message, any, err := t.complete(ctx, item.Mail)
			if err == nil && any {
				err = visit(message)
			}
			if err == nil {
				// Not where it was kept again meanwhile.
				err = t.table.Delete("PK", item.PK).Range("SK", item.SK).If("DueAt = ?", item.DueAt).Run(ctx)
			}
			if err != nil && !dynamo.IsCondCheckFailed(err) {
				failed = append(failed, wrap(err, "kept e-mail %s", item.SK)) // the others are sent all the same
			}
			item = mailItem{}
		}
		return errors.Join(append(failed, iter.Err())...)
	})
}

// complete returns a message as it is to be sent, if there is anything to say.
func (t *Table) complete(ctx context.Context, m Mail) (_ backup.MailMessage, any bool, err error) {
	if m.Deletion == "" {
		return m.Message, true, nil
	}
	var names []string
	number := 0
	for u, err := range t.BoxUsers(ctx, m.Message.Account, m.Task) {
		if err != nil {
			return backup.MailMessage{}, false, err
		}
		if u.DeletedFor != m.Deletion {
			continue
		}
		if number++; len(names) < MaxNamed {
			names = append(names, u.Name)
		}
	}
	return Deletion(m.Deletion, m.Message, names, number), number > 0, nil
}
