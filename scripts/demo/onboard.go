package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"coffer/shared/api/access"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
)

// Limits on how long single steps take.
const (
	mailTimeout = time.Minute
	scanTimeout = 2 * time.Minute
)

// Person is who signs up.
type Person struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Name     string `json:"name"`
	Company  string `json:"company"`
}

// Visitor is who tries the demo enterprise, as the runner notes it in the file
// VisitorFile of its state folder.
type Visitor struct {
	Person
	Task string `json:"task,omitempty"`
	Done bool   `json:"done"` // the first backup has ended
}

// VisitorFile is the name of the file that a Visitor is noted in.
const VisitorFile = "demo.json"

// SignUp signs a person up, follows the link in the mail that comes to the
// mailbox page, and signs in.
func (p *Portal) SignUp(ctx context.Context, who Person, mailbox string) error {
	since := time.Now()
	if err := p.Call(ctx, http.MethodPost, "/api/sign-up", who, nil); err != nil {
		return err
	}
	token, err := p.Token(ctx, mailbox, who.Email, "activate", since)
	if err != nil {
		return err
	}
	if err := p.Call(ctx, http.MethodPost, "/api/activate", map[string]string{"token": token}, nil); err != nil {
		return err
	}
	return p.SignIn(ctx, who)
}

// Token waits for a mail to the person that is no older than since and links
// to the portal's page, and returns the token in the link.
func (p *Portal) Token(ctx context.Context, mailbox, email, page string, since time.Time) (string, error) {
	var token string
	err := Until(ctx, mailTimeout, "the mail with a link to "+page+" came", func() (bool, error) {
		var mails []mail
		err := p.Call(ctx, http.MethodGet, mailbox+"/mails.json", nil, &mails)
		token = linked(mails, email, page, since)
		return token != "", err
	})
	return token, err
}

// mail is an e-mail in the mailbox.
type mail struct {
	At   time.Time
	To   []string
	Text string
}

var link = regexp.MustCompile(`/([a-z-]+)#([A-Za-z0-9_.-]{20,})`)

// linked finds the token of a link in the newest mail to the person, or "".
func linked(newestFirst []mail, email, page string, since time.Time) string {
	for _, m := range newestFirst {
		if m.At.Before(since) || !slices.Contains(m.To, email) {
			continue
		}
		for _, found := range link.FindAllStringSubmatch(m.Text, -1) {
			if found[1] == page {
				return found[2]
			}
		}
	}
	return ""
}

// SignIn begins a session.
func (p *Portal) SignIn(ctx context.Context, who Person) error {
	in := map[string]string{"email": who.Email, "password": who.Password}
	var session access.Session
	if err := p.Call(ctx, http.MethodPost, "/api/session", in, &session); err != nil {
		return err
	}
	if session.User.Email != who.Email {
		return fmt.Errorf("signed in as %s, not %s", session.User.Email, who.Email)
	}
	return nil
}

// Connect connects a backup task to Box as the administrator of that login, and
// waits until the Box users have been found. It creates the task unless there
// is one of that name.
func (p *Portal) Connect(ctx context.Context, name, administrator string, users int) (tasks.Task, error) {
	var t tasks.Task
	there, err := All[tasks.Task](ctx, p, "/api/tasks")
	if err != nil {
		return t, err
	}
	if i := slices.IndexFunc(there, func(t tasks.Task) bool { return t.Name == name }); i >= 0 {
		t = there[i]
	} else if err := p.Call(ctx, http.MethodPost, "/api/tasks", map[string]any{"name": name}, &t); err != nil {
		return t, err
	}
	if t.Connection != string(backup.Connected) {
		if err := p.Authorize(ctx, t.ID, administrator); err != nil {
			return t, err
		}
	}
	err = Until(ctx, scanTimeout, "the Box users were found", func() (bool, error) {
		err := p.Call(ctx, http.MethodGet, taskPath(t.ID), nil, &t)
		return err == nil && t.Users.Total >= users, err
	})
	return t, err
}

// Authorize goes through Box's consent page as an administrator's browser does.
func (p *Portal) Authorize(ctx context.Context, task, administrator string) error {
	var out struct{ URL string }
	if err := p.Call(ctx, http.MethodPost, taskPath(task, "authorize"), nil, &out); err != nil {
		return err
	}
	consent, err := url.Parse(out.URL)
	if err != nil {
		return err
	}
	form := consent.Query()
	form.Set("login", administrator)
	form.Set("consent", "grant")
	consent.RawQuery = ""
	back, err := p.redirected(ctx, consent.String(), form)
	if err != nil {
		return fmt.Errorf("consent page of Box: %w", err)
	}
	path, ours := strings.CutPrefix(back, p.URL)
	if !ours {
		return fmt.Errorf("Box's consent page leads to %s", back)
	}
	var end string
	if end, err = p.redirected(ctx, p.URL+path, nil); err != nil {
		return fmt.Errorf("return from Box: %w", err)
	}
	if !strings.HasSuffix(end, "connect=connected") {
		return fmt.Errorf("connecting ended at %s", end)
	}
	return nil
}

// redirected posts a form, or gets a page for none, and returns where the
// answer leads.
func (p *Portal) redirected(ctx context.Context, address string, form url.Values) (string, error) {
	var req *http.Request
	var err error
	if form == nil {
		req, err = http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	} else if req, err = http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode())); err == nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(address, p.URL+"/") { // Box never sees the session
		req.AddCookie(p.cookie())
	}
	resp, err := p.HTTP.Transport.RoundTrip(req) // follows nothing
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusFound && resp.StatusCode != http.StatusSeeOther {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1000)) // says more, where it can be read
		return "", fmt.Errorf("%s: %s", resp.Status, text)
	}
	to := resp.Header.Get("Location")
	if to == "" {
		return "", errors.New("a redirect without an address")
	}
	return to, nil
}
