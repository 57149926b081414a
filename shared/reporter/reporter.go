// Package reporter writes the usage report, a CSV file with every Box user of
// an account's backup tasks, and mails it to the portal user who asked for it.
//
// The file is written as it is read, never more than the file of the e-mail in
// memory: up to 7 MB as it is, more than that compressed with gzip, up to 20 MB
// (some millions of Box users; SES takes 40 MB, base64 included). A report that
// is larger still ends there, and its last row says so.
package reporter

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"strconv"
	"time"

	"coffer/shared/account"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// Reporter mails reports.
type Reporter struct {
	Tasks    *task.Table
	Accounts *account.Table
	Now      func() time.Time
	// Send sends an e-mail with files, once by the message's id.
	Send func(context.Context, backup.MailMessage, ...backup.Attachment) error
	// Plain and Packed bound the file, in bytes: as it is, and compressed.
	Plain, Packed int
}

// New returns a reporter with the bounds of the package comment.
func New(
	tasks *task.Table, accounts *account.Table, send func(context.Context, backup.MailMessage, ...backup.Attachment) error,
) *Reporter {
	return &Reporter{Tasks: tasks, Accounts: accounts, Now: time.Now, Send: send, Plain: 7_000_000, Packed: 20_000_000}
}

// Report mails the usage report that the message asks for, once however often
// it comes. What the reader may see is decided now, not when it was asked for.
func (r *Reporter) Report(ctx context.Context, m backup.ReportMessage) error {
	reader, err := r.Accounts.User(ctx, m.Account, m.User)
	if backup.KindOf(err) == backup.NotFound {
		return nil // nobody is there any more to read it
	}
	if err != nil {
		return err
	}
	f, err := r.write(ctx, m.Account, reader.Primary)
	if err != nil {
		return fmt.Errorf("usage report %s: %w", m.ID, err)
	}
	attachment := backup.Attachment{Name: FileName(r.Now()), Type: "text/csv; charset=utf-8", Content: f.plain.Bytes()}
	data := map[string]string{"name": reader.Name, "rows": strconv.Itoa(f.rows)}
	if f.packs {
		attachment.Name, attachment.Type, attachment.Content = attachment.Name+".gz", "application/gzip", f.packed.Bytes()
		data["packed"] = "yes"
	}
	if f.ended {
		data["ended"] = "yes"
	}
	data["file"] = attachment.Name
	return r.Send(ctx, backup.MailMessage{
		ID: "report-" + m.ID, Account: m.Account, To: reader.Email, Template: "usage-report", Data: data,
	}, attachment)
}

// file is a report in the making: plain until it is too large for that.
type file struct {
	plain, packed bytes.Buffer
	zip           *gzip.Writer
	packs, ended  bool
	rows          int
}

func (r *Reporter) write(ctx context.Context, account backup.AccountID, all bool) (*file, error) {
	f := &file{}
	f.zip = gzip.NewWriter(&f.packed)
	line := AppendRow(nil, Head()...)
	f.plain.Write(line)
	for cells, err := range Usage(ctx, r.Tasks, account, all) {
		if err != nil {
			return nil, err
		}
		if f.packed.Len() >= r.Packed {
			f.ended = true
			f.add(AppendRow(nil, Note(fmt.Sprintf("The report ends here, after %d Box users: an e-mail carries no more.", f.rows))...), r.Plain)
			break
		}
		line = AppendRow(line[:0], cells...)
		f.add(line, r.Plain)
		f.rows++
	}
	return f, f.zip.Close() // a buffer takes all
}

// add adds a row. Once the file would be larger than the bound, it is packed.
func (f *file) add(line []byte, plain int) {
	if !f.packs && f.plain.Len()+len(line) > plain {
		f.zip.Write(f.plain.Bytes()) // a buffer takes all
		f.plain, f.packs = bytes.Buffer{}, true
	}
	if f.packs {
		f.zip.Write(line)
		return
	}
	f.plain.Write(line)
}
