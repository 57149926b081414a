package ses_test

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"coffer/scripts/local/loopback"
	"coffer/scripts/local/ses"
)

const evil = `<p>Hi</p><script>alert(1)</script>`

func open(t *testing.T, dir string) (*ses.Server, *sesv2.Client) {
	t.Helper()
	s, err := ses.New(ses.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	srv, err := loopback.Serve("127.0.0.1:0", s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	return s, sesv2.New(sesv2.Options{
		Region: "us-east-1", BaseEndpoint: &srv.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	})
}

func simple(to, subject, text, html string) *sesv2.SendEmailInput {
	return &sesv2.SendEmailInput{
		FromEmailAddress: new("Coffer <no-reply@coffer.example>"),
		Destination:      &types.Destination{ToAddresses: []string{to}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: &types.Content{Data: &subject},
			Body:    &types.Body{Text: &types.Content{Data: &text}, Html: &types.Content{Data: &html}},
		}},
	}
}

func TestMailsSurviveRestartNewestFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, client := open(t, dir)
	for _, subject := range []string{"one", "two"} {
		if _, err := client.SendEmail(t.Context(), simple("anna@example.com", subject, "Text", evil)); err != nil {
			t.Fatal(err)
		}
	}
	s, _ := open(t, dir)
	want := []ses.Mail{
		{From: "Coffer <no-reply@coffer.example>", To: []string{"anna@example.com"}, Subject: "two", Text: "Text", HTML: evil},
		{From: "Coffer <no-reply@coffer.example>", To: []string{"anna@example.com"}, Subject: "one", Text: "Text", HTML: evil},
	}
	if d := cmp.Diff(s.Mails(), want, cmpopts.IgnoreFields(ses.Mail{}, "ID", "At")); d != "" {
		t.Errorf("mails (-got +want):\n%s", d)
	}
}

func TestRawMailIsRead(t *testing.T) {
	t.Parallel()
	s, client := open(t, "")
	raw := strings.ReplaceAll(`From: Coffer <no-reply@coffer.example>
To: =?utf-8?q?J=C3=B6rg?= <joerg@example.com>
Subject: =?utf-8?b?R3LDvMOfZQ==?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Sch=C3=B6n
--a
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

PGI+U2Now7ZuPC9iPg==
--a--
--m
Content-Type: text/plain
Content-Disposition: attachment; filename=a.txt

attached
--m--
`, "\n", "\r\n")
	in := &sesv2.SendEmailInput{Content: &types.EmailContent{Raw: &types.RawMessage{Data: []byte(raw)}}}
	if _, err := client.SendEmail(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	want := []ses.Mail{{
		From: "Coffer <no-reply@coffer.example>", To: []string{"=?utf-8?q?J=C3=B6rg?= <joerg@example.com>"},
		Subject: "Grüße", Text: "Schön", HTML: "<b>Schön</b>",
	}}
	if d := cmp.Diff(s.Mails(), want, cmpopts.IgnoreFields(ses.Mail{}, "ID", "At")); d != "" {
		t.Errorf("mails (-got +want):\n%s", d)
	}
}

func TestWrongMailIsRefused(t *testing.T) {
	t.Parallel()
	s, client := open(t, "")
	noBody := simple("anna@example.com", "x", "", "")
	template := simple("anna@example.com", "x", "y", "")
	template.Content = &types.EmailContent{Template: &types.Template{TemplateName: new("x")}}
	for name, in := range map[string]*sesv2.SendEmailInput{
		"recipient": simple("nobody", "x", "y", ""), "header in the subject": simple("anna@example.com", "x\r\nBcc: z@example.com", "y", ""),
		"no body": noBody, "template": template,
	} {
		_, err := client.SendEmail(t.Context(), in)
		if _, ok := errors.AsType[*types.BadRequestException](err); !ok {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if len(s.Mails()) > 0 {
		t.Errorf("sent anyway: %+v", s.Mails())
	}
}

func TestAttachmentIsShownAndGiven(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, client := open(t, dir)
	in := simple("anna@example.com", "Report", "Text", "")
	in.Content.Simple.Attachments = []types.Attachment{
		{FileName: new("<b>ü.html"), ContentType: new("text/html"), RawContent: []byte(evil)},
	}
	if _, err := client.SendEmail(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	in.Content.Simple.Attachments[0].FileName = new("large")
	in.Content.Simple.Attachments[0].RawContent = make([]byte, 31<<20) // 41 MB as base64
	if _, err := client.SendEmail(t.Context(), in); err == nil {
		t.Error("a mail of more than 40 MB is sent")
	}
	s, _ := open(t, dir) // restarted
	srv := httptest.NewServer(s.Mailbox())
	t.Cleanup(srv.Close)
	get := func(path string, status int) (string, http.Header) {
		t.Helper()
		res, err := http.Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != status {
			t.Fatalf("%s: %s, %v", path, res.Status, err)
		}
		return string(b), res.Header
	}
	file := "/" + s.Mails()[0].ID + "/attachments/0"
	if page, _ := get("/"+s.Mails()[0].ID, 200); !strings.Contains(page, `<a href="`+file+`">&lt;b&gt;ü.html</a>`) {
		t.Errorf("the mail's page has no link to the file:\n%s", page)
	}
	body, header := get(file, 200)
	_, params, err := mime.ParseMediaType(header.Get("Content-Disposition"))
	if body != evil || err != nil || params["filename"] != "<b>ü.html" || !strings.HasPrefix(header.Get("Content-Disposition"), "attachment;") {
		t.Errorf("the file is %q with %v", body, header)
	}
	for _, other := range []string{"1", "-1", "x"} {
		get(strings.TrimSuffix(file, "0")+other, 404)
	}
}

func TestMailboxShowsMailsSafely(t *testing.T) {
	t.Parallel()
	s, client := open(t, "")
	mux := http.NewServeMux()
	mux.Handle("/_local/mail", http.StripPrefix("/_local/mail", s.Mailbox()))
	mux.Handle("/_local/mail/", http.StripPrefix("/_local/mail", s.Mailbox()))
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	get := func(path string) (string, http.Header) {
		t.Helper()
		res, err := http.Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v", path, res.Status, err)
		}
		return string(b), res.Header
	}
	if page, _ := get("/_local/mail"); !strings.Contains(page, "No e-mail yet.") {
		t.Errorf("the empty page is %s", page)
	}
	text := "Open\nhttp://localhost:8080/activate#abc_DEF-123.\n<script>alert(2)</script>"
	if _, err := client.SendEmail(t.Context(), simple("anna@example.com", "<b>Hi</b>", text, evil)); err != nil {
		t.Fatal(err)
	}
	id := s.Mails()[0].ID
	for _, path := range []string{"/_local/mail", "/_local/mail/", "/_local/mail/" + id} {
		page, header := get(path)
		if strings.Contains(page, "<script") || strings.Contains(page, "<b>") {
			t.Errorf("%s lets a mail write HTML: %s", path, page)
		}
		for _, want := range []string{`href="/_local/mail/style.css"`, `href="http://localhost:8080/activate#abc_DEF-123"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%s lacks %s:\n%s", path, want, page)
			}
		}
		if csp := header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; style-src 'self'") {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
	if page, _ := get("/_local/mail/" + id); !strings.Contains(page, `<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" title="The mail as HTML" src="/_local/mail/`+id+`/html">`) {
		t.Errorf("the mail's page has no sandboxed frame:\n%s", page)
	}
	body, header := get("/_local/mail/" + id + "/html")
	if csp := header.Get("Content-Security-Policy"); body != `<base target="_blank">`+evil || strings.Contains(csp, "script") ||
		!strings.HasPrefix(csp, "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'") {
		t.Errorf("the frame has %q with policy %q", body, csp)
	}
	if _, err := client.SendEmail(t.Context(), simple("anna@example.com", "x", "y", "<html><head><title>x</title></head></html>")); err != nil {
		t.Fatal(err)
	}
	if body, _ := get("/_local/mail/" + s.Mails()[0].ID + "/html"); body != `<html><head><base target="_blank"><title>x</title></head></html>` {
		t.Errorf("the frame has %q", body)
	}
	get("/_local/mail/style.css")
	for _, path := range []string{"/_local/mail/mails.json", "/_local/mail?format=json"} {
		list, _ := get(path)
		var mails []ses.Mail
		if err := json.Unmarshal([]byte(list), &mails); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(mails, s.Mails()); d != "" {
			t.Errorf("%s (-got +want):\n%s", path, d)
		}
	}
}
