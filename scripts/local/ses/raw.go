package ses

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// maxDepth is how deep multipart bodies may nest.
const maxDepth = 8

// parse reads a raw mail as far as the mailbox page shows it: addresses,
// subject, and the first text and HTML parts.
func parse(raw []byte) (Mail, error) {
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Mail{}, err
	}
	m := Mail{From: msg.Header.Get("From")}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
		return Mail{}, fmt.Errorf("subject: %w", err)
	}
	for field, to := range map[string]*[]string{"To": &m.To, "Cc": &m.Cc, "Bcc": &m.Bcc} {
		list, err := msg.Header.AddressList(field)
		if err != nil && !errors.Is(err, mail.ErrHeaderNotPresent) {
			return Mail{}, fmt.Errorf("%s: %w", field, err)
		}
		for _, a := range list {
			*to = append(*to, a.String())
		}
	}
	return m, m.read(msg.Header.Get, msg.Body, maxDepth)
}

// read takes the text of one part, and of the parts in it.
func (m *Mail) read(header func(string) string, body io.Reader, depth int) error {
	if depth == 0 {
		return errors.New("parts nest too deep")
	}
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		kind = "text/plain" // what a mail without a type is
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if err := m.read(part.Header.Get, part, depth-1); err != nil {
				return err
			}
		}
	}
	disposition, _, _ := mime.ParseMediaType(header("Content-Disposition"))
	target := &m.Text
	if kind == "text/html" {
		target = &m.HTML
	}
	if disposition == "attachment" || kind != "text/plain" && kind != "text/html" || *target != "" {
		return nil
	}
	switch strings.ToLower(header("Content-Transfer-Encoding")) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	*target = strings.ToValidUTF8(string(text), "\ufffd")
	return err
}
