// Package mailer writes and sends Coffer's e-mails, in HTML and in text,
// through Amazon SES.
//
// A message names a template and the data that fills it; without an address it
// goes to the account's primary user. Each template is one file of
// templates/*.txt with the blocks "subject", "body" (paragraphs between empty
// lines), and, where there is something to click, "button" and "link":
//
//	| template         | when                               | data                             |
//	|------------------|------------------------------------|----------------------------------|
//	| activate         | somebody signed up                 | name, link                       |
//	| sign-up-known    | somebody signed up with an address | link                             |
//	|                  | that has an account                |                                  |
//	| reset            | somebody asked for a new password  | name, link                       |
//	| password-changed | a password was set or changed      | name, email, address, when, link |
//	| disconnected     | Box ended a task's authorisation   | task, taskName, reason           |
//	| ceiling          | a task's ceiling of Box calls is   | task, taskName, reason           |
//	|                  | reached, once a month              |                                  |
//	| damaged          | verification found new damage      | task, taskName, damage           |
//	| overdue          | backups are too old, once a day    | task, taskName, number, hours,   |
//	|                  | for each task                      | why                              |
//	| lapsing          | Box will soon end a task's         | task, taskName, day              |
//	|                  | authorisation, every 3 days        |                                  |
//	| task-deleted     | somebody deleted a backup task     | task, taskName, by, until        |
//	| users-deleted    | somebody deleted backups of Box    | task, taskName, by, until,       |
//	|                  | users                              | number, names                    |
//	| kept-shorter     | somebody made a task keep backups  | task, taskName, by, until,       |
//	|                  | for a shorter time                 | retention, archive, wasRetention,|
//	|                  |                                    | wasArchive                       |
//	| restored         | a restore job has ended            | job, label, taskName, userName,  |
//	|                  |                                    | status, done, skipped, failed    |
//	| unusual-change   | a run found most items removed, or | task, taskName, userName,        |
//	|                  | many files altered                 | boxUser, reason                  |
//	| support          | Coffer's support changed a setting | task, taskName, what, reason,    |
//	|                  |                                    | effect where there is one        |
//	| usage-report     | somebody asked for the report,     | name, rows, file; packed, ended  |
//	|                  | which is attached                  | where it is so                   |
//
// A message is sent once by its id. If the process dies between SES's answer
// and the note of it, it is sent again: an e-mail twice is better than none.
package mailer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"coffer/shared/account"
	"coffer/shared/backup"
)

// Mailer sends messages.
type Mailer struct {
	ses      *sesv2.Client
	accounts *account.Table
	from     string
	portal   string
	letters  letters
	// Now tells the time that a sender's claim on a message is measured by.
	Now func() time.Time
}

// New returns a mailer. From is the sender's address, portal what links begin
// with.
func New(cfg aws.Config, accounts *account.Table, from, portal string) (*Mailer, error) {
	l, err := parse()
	if err != nil {
		return nil, err
	}
	return &Mailer{ses: sesv2.NewFromConfig(cfg), accounts: accounts, from: from, portal: portal, letters: l, Now: time.Now}, nil
}

// Send sends the message, unless one of its id was sent before.
func (m *Mailer) Send(ctx context.Context, message backup.MailMessage) error {
	return m.SendWith(ctx, message)
}

// SendWith is Send with files. SES takes e-mails of up to 40 MB, counted after
// base64 has made files larger by a third.
func (m *Mailer) SendWith(ctx context.Context, message backup.MailMessage, files ...backup.Attachment) error {
	to, err := m.recipient(ctx, message)
	if backup.KindOf(err) == backup.NotFound {
		return nil // the account has gone, and with it whoever wanted to know
	}
	if err != nil {
		return err
	}
	l, err := m.letters.write(message.Template, m.portal, message.Data)
	if err != nil {
		return fmt.Errorf("mail %s: %w", message.ID, err)
	}
	mine, err := m.accounts.BeginMail(ctx, message.ID, m.Now())
	if err != nil || !mine {
		return err
	}
	_, err = m.ses.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: &m.from,
		Destination:      &types.Destination{ToAddresses: []string{to}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: content(l.subject),
			Body:    &types.Body{Text: content(l.text), Html: content(l.html)},

			Attachments: attached(files),
		}},
	})
	if err != nil {
		err = fmt.Errorf("mail %s: %w", message.ID, err)
		return errors.Join(err, m.accounts.EndMail(ctx, message.ID, false, m.Now()))
	}
	return m.accounts.EndMail(ctx, message.ID, true, m.Now())
}

func (m *Mailer) recipient(ctx context.Context, message backup.MailMessage) (string, error) {
	if message.To != "" {
		return message.To, nil
	}
	u, err := m.accounts.Primary(ctx, message.Account)
	return u.Email, err
}

func content(s string) *types.Content { return &types.Content{Data: &s, Charset: new("UTF-8")} }

func attached(files []backup.Attachment) []types.Attachment {
	var all []types.Attachment
	for _, f := range files {
		all = append(all, types.Attachment{
			FileName: &f.Name, ContentType: &f.Type, RawContent: f.Content,
			ContentDisposition: types.AttachmentContentDispositionAttachment, ContentTransferEncoding: types.AttachmentContentTransferEncodingBase64,
		})
	}
	return all
}
