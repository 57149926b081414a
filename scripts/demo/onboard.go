package demo

import (
	"context"
	"errors"
	"fmt"
	"html"
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

// SignUp signs a person up, follows the link in the mail that comes to the
// mailbox page, and signs in.
func (p *Portal) SignUp(ctx context.Context, who Person, mailbox string) error {
	if err := p.Call(ctx, http.MethodPost, "/api/sign-up", who, nil); err != nil {
		return err
	}
	var token string
	err := until(ctx, mailTimeout, "the activation mail came", func() (bool, error) {
		text, err := p.page(ctx, mailbox)
		if err != nil {
			return false, err
		}
		token = activation(text, who.Email)
		return token != "", nil
	})
	if err != nil {
		return err
	}
	if err := p.Call(ctx, http.MethodPost, "/api/activate", map[string]string{"token": token}, nil); err != nil {
		return err
	}
	return p.SignIn(ctx, who)
}

var activationLink = regexp.MustCompile(`/activate#([A-Za-z0-9_.-]{20,})`)

// activation finds the token of an activation link on the mailbox page, the
// newest mail first.
func activation(page, email string) string {
	page = html.UnescapeString(page)
	if !strings.Contains(page, email) {
		return ""
	}
	if m := activationLink.FindStringSubmatch(page); m != nil {
		return m[1]
	}
	return ""
}

func (p *Portal) page(ctx context.Context, path string) (string, error) {
	resp, err := p.send(ctx, http.MethodGet, p.URL+path, nil)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", path, resp.Status)
	}
	return string(text), err
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
	err = until(ctx, scanTimeout, "the Box users were found", func() (bool, error) {
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
