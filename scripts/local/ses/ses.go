// Package ses is the local cloud's Simple Email Service: SendEmail of its
// version 2, for simple and raw mails. Nothing leaves the machine. Every mail
// is kept, in a file of its own, and shown on a mailbox page; any sender may
// send to anybody.
//
// Requests must be signed, but signatures are not checked: see awsjson.
package ses

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"coffer/scripts/local/awsjson"
	"coffer/scripts/local/statefile"
)

// maxBody bounds a request, maxMail the mail in it with its files as base64.
const (
	maxBody = 56 << 20
	maxMail = 40 << 20
)

// Options says where mails live.
type Options struct {
	Dir string // state; empty keeps mails in memory
}

// Server is the service, an http.Handler.
type Server struct {
	dir string

	mu    sync.Mutex
	mails []Mail // oldest first
}

// Mail is a mail that was sent.
type Mail struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	From    string    `json:"from"`
	To      []string  `json:"to"`
	Cc      []string  `json:"cc,omitempty"`
	Bcc     []string  `json:"bcc,omitempty"`
	ReplyTo []string  `json:"replyTo,omitempty"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html,omitempty"`

	Attachments []Attachment `json:"attachments,omitempty"`
}

// Attachment is a file in a mail.
type Attachment struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Content []byte `json:"content"`
}

// New opens the service's state.
func New(o Options) (*Server, error) {
	s := &Server{dir: o.Dir}
	if o.Dir == "" {
		return s, nil
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(o.Dir, "*.json"))
	if err != nil {
		return nil, err
	}
	for _, path := range files {
		var m Mail
		if err := statefile.Load(path, &m); err != nil {
			return nil, err
		}
		s.mails = append(s.mails, m)
	}
	slices.SortStableFunc(s.mails, func(a, b Mail) int { return a.At.Compare(b.At) })
	return s, nil
}

// Close releases nothing: every mail is on disk when it is answered.
func (*Server) Close() error { return nil }

// Mails returns all mails, the newest first.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := append([]Mail{}, s.mails...) // never null as JSON
	slices.Reverse(out)
	return out
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, err := s.send(w, r)
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		failure, ok := errors.AsType[*awsjson.Error](err)
		status := http.StatusBadRequest
		if !ok {
			failure, status = &awsjson.Error{Code: "InternalFailure", Message: err.Error()}, http.StatusInternalServerError
		}
		w.Header().Set("X-Amzn-Errortype", failure.Code)
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": failure.Message})
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"MessageId": id})
}

type content struct{ Data string }

type sendInput struct {
	FromEmailAddress string
	ReplyToAddresses []string
	Destination      struct{ ToAddresses, CcAddresses, BccAddresses []string }
	Content          struct {
		Simple *struct {
			Subject content
			Body    struct{ Text, Html content }

			Attachments []struct {
				FileName, ContentType string
				RawContent            []byte
			}
		}
		Raw *struct{ Data []byte }
	}
}

func (s *Server) send(w http.ResponseWriter, r *http.Request) (id string, err error) {
	if r.Method != http.MethodPost || r.URL.Path != "/v2/email/outbound-emails" {
		return "", awsjson.Errorf("UnknownOperationException", "The local SES has no operation %s %s.", r.Method, r.URL.Path)
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") {
		return "", awsjson.Errorf("MissingAuthenticationTokenException", "Request is missing Authentication Token.")
	}
	var in sendInput
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&in); err != nil {
		return "", awsjson.Errorf("BadRequestException", "%v", err)
	}
	m, err := in.mail()
	if err != nil {
		return "", err
	}
	m.ID, m.At = strings.ToLower(rand.Text()), time.Now().UTC()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir != "" {
		name := fmt.Sprintf("%s-%s.json", m.At.Format("20060102T150405.000000"), m.ID)
		if err := statefile.Save(filepath.Join(s.dir, name), m); err != nil {
			return "", err
		}
	}
	s.mails = append(s.mails, m)
	return m.ID, nil
}

// mail returns what is to be sent, or says why SES would not.
func (in *sendInput) mail() (Mail, error) {
	bad := func(format string, args ...any) (Mail, error) {
		return Mail{}, awsjson.Errorf("BadRequestException", format, args...)
	}
	var m Mail
	switch c := in.Content; {
	case c.Raw != nil:
		parsed, err := parse(c.Raw.Data)
		if err != nil {
			return bad("The raw mail cannot be read: %v", err)
		}
		m = parsed
	case c.Simple != nil:
		m = Mail{Subject: c.Simple.Subject.Data, Text: c.Simple.Body.Text.Data, HTML: c.Simple.Body.Html.Data}
		if m.Text == "" && m.HTML == "" {
			return bad("The mail has no body.")
		}
		size := 0
		for _, a := range c.Simple.Attachments {
			if a.FileName == "" || a.RawContent == nil {
				return bad("An attachment has no name or no content.")
			}
			size += base64.StdEncoding.EncodedLen(len(a.RawContent))
			m.Attachments = append(m.Attachments, Attachment{Name: a.FileName, Type: a.ContentType, Content: a.RawContent})
		}
		if size > maxMail {
			return bad("The mail is larger than 40 MB.")
		}
	default:
		return bad("The local SES sends simple and raw mails only.")
	}
	m.From = cmp.Or(in.FromEmailAddress, m.From)
	m.ReplyTo = in.ReplyToAddresses
	if d := in.Destination; len(d.ToAddresses)+len(d.CcAddresses)+len(d.BccAddresses) > 0 {
		m.To, m.Cc, m.Bcc = d.ToAddresses, d.CcAddresses, d.BccAddresses
	}
	if strings.ContainsAny(m.Subject, "\r\n") {
		return bad("The subject has more than one line.")
	}
	all := slices.Concat(m.To, m.Cc, m.Bcc)
	if len(all) == 0 || len(all) > 50 {
		return bad("The mail has %d recipients and may have 1 to 50.", len(all))
	}
	for _, address := range append(all, m.From) {
		if _, err := mail.ParseAddress(address); err != nil {
			return bad("Illegal address %q.", address)
		}
	}
	return m, nil
}
