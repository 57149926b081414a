package access_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/api/access"
	"coffer/shared/backup"
	"coffer/shared/identity"
	"coffer/shared/queue"
)

const (
	portal   = "https://portal.example.com"
	password = "correct horse battery staple"
	better   = "a better password than that"
)

// site is the API with a clock and a mailbox of its own.
type site struct {
	t     *testing.T
	cloud *localtest.Cloud
	web   *httptest.Server
	queue string
	now   time.Time
}

func newSite(t *testing.T) *site {
	t.Helper()
	cloud := localtest.Start(t)
	s := &site{t: t, cloud: cloud, queue: cloud.Queue(t), now: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)}
	sessions := &identity.Sessions{Accounts: account.New(cloud.AWS, cloud.Table(t)), Now: func() time.Time { return s.now }}
	a := api.New(sessions, portal)
	(&access.Server{Identity: &identity.Service{
		Sessions: sessions, Directory: account.NewDirectory(cloud.AWS, cloud.Table(t)),
		Mail: queue.New[backup.MailMessage](cloud.AWS, s.queue), Portal: portal, Region: "eu-central-1",
	}}).Register(a)
	h := a.Handler()
	s.web = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr, _, _ = strings.Cut(r.RemoteAddr, ":") // as the gateway has it
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(s.web.Close)
	return s
}

// mails takes the messages off the queue.
func (s *site) mails() []backup.MailMessage {
	s.t.Helper()
	var all []backup.MailMessage
	for _, body := range s.cloud.Received(s.t, s.queue) {
		var m backup.MailMessage
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			s.t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// token returns the token of the only link mailed since, which must be to the
// portal's page.
func (s *site) token(page string) string {
	s.t.Helper()
	mails := s.mails()
	if len(mails) != 1 {
		s.t.Fatalf("mails %+v", mails)
	}
	token, ok := strings.CutPrefix(mails[0].Data["link"], portal+"/"+page+"#")
	if !ok {
		s.t.Errorf("link %q is not to %s/%s", mails[0].Data["link"], portal, page)
	}
	return token
}

// browser keeps cookies.
type browser struct {
	site *site
	*http.Client
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &browser{s, &http.Client{Jar: jar, Transport: s.web.Client().Transport}}
}

// send makes a call, which must be answered with the status, and returns the
// answer and its body.
func (b *browser) send(status int, method, path string, body any) (*http.Response, string) {
	t := b.site.t
	t.Helper()
	var sent io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		sent = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, b.site.web.URL+path, sent)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Browser")
	response, err := b.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != status {
		t.Fatalf("%s %s: %d %s, want %d", method, path, response.StatusCode, data, status)
	}
	return response, string(data)
}

type fields map[string]string

// member signs up and follows the link.
func (s *site) member(email string) {
	s.t.Helper()
	b := s.browser()
	b.send(202, "POST", "/api/sign-up", fields{"email": email, "password": password, "company": "Acme", "name": "Ann"})
	b.send(204, "POST", "/api/activate", fields{"token": s.token("activate")})
}

func (b *browser) signIn(status int, password string) *http.Response {
	b.site.t.Helper()
	response, _ := b.send(status, "POST", "/api/session", fields{"email": "ann@example.com", "password": password})
	return response
}

// TestMailedLinkIsToThePortal_N1 asks for links with what a forger can put into
// a request to have them lead elsewhere.
func TestMailedLinkIsToThePortal_N1(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member("ann@example.com")
	config := s.web.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	config.ServerName = "example.com" // what the certificate is for
	const evil = "evil.example.net"
	for _, request := range []string{
		"POST /api/password-reset HTTP/1.1\nHost: " + evil,
		"POST /api/password-reset HTTP/1.1\nHost: " + evil + ":443",
		"POST /api/password-reset HTTP/1.1\nHost: portal.example.com:" + evil,
		"POST /api/password-reset HTTP/1.1\nHost: portal.example.com\nX-Forwarded-Host: " + evil,
		"POST /api/password-reset HTTP/1.1\nHost: portal.example.com\nX-Forwarded-Host: portal.example.com, " + evil,
		"POST /api/password-reset HTTP/1.1\nHost: portal.example.com\nX-Forwarded-Server: " + evil,
		"POST /api/password-reset HTTP/1.1\nHost: portal.example.com\nX-Host: " + evil + "\nX-HTTP-Host-Override: " + evil,
		"POST /api/password-reset HTTP/1.1\nHost: portal.example.com\nForwarded: host=" + evil + ";proto=http",
		"POST /api/password-reset HTTP/1.1\nHost: portal.example.com\nX-Original-URL: https://" + evil + "/\nX-Rewrite-URL: https://" + evil + "/",
		"POST /api/password-reset HTTP/1.1\nHost: portal.example.com\nReferer: https://" + evil + "/",
		"POST https://" + evil + "/api/password-reset HTTP/1.1\nHost: " + evil,
		"POST https://" + evil + "/api/password-reset HTTP/1.1\nHost: portal.example.com",
	} {
		s.now = s.now.Add(time.Hour) // five links in an hour
		conn, err := tls.Dial("tcp", s.web.Listener.Addr().String(), config)
		if err != nil {
			t.Fatal(err)
		}
		const body = `{"email":"ann@example.com"}`
		fmt.Fprintf(conn, "%s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
			strings.ReplaceAll(request, "\n", "\r\n"), len(body), body)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		switch response.StatusCode {
		case http.StatusAccepted:
			if token := s.token("reset-password"); len(token) < 40 {
				t.Errorf("%s: token %q", request, token)
			}
		case http.StatusBadRequest: // a host that is none
			if !strings.Contains(request, "com:"+evil) || len(s.mails()) > 0 {
				t.Errorf("%s: %s", request, response.Status)
			}
		default:
			t.Errorf("%s: %s", request, response.Status)
		}
		if got := fmt.Sprint(response.Header); strings.Contains(got, evil) {
			t.Errorf("%s: the answer says %s", request, got)
		}
	}
}

// TestAnswersToStrangersAreEqual_N1 asks 200 times for a known and 200 times for
// an unknown address.
func TestAnswersToStrangersAreEqual_N1(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member("ann@example.com")
	answers := func(email string) (all []string) {
		b := s.browser()
		for range 200 {
			s.now = s.now.Add(10 * time.Minute)
			response, body := b.send(202, "POST", "/api/password-reset", fields{"email": email})
			response.Header.Del("Date")
			all = append(all, fmt.Sprint(response.Status, response.Header, body))
		}
		return all
	}
	known := answers("ann@example.com")
	if diff := cmp.Diff(known, answers("bob@example.com")); diff != "" {
		t.Errorf("answers (-known +unknown):\n%s", diff)
	}
	if mails := s.mails(); len(mails) < 50 {
		t.Errorf("only %d messages", len(mails))
	}
}

func TestPasswordIsResetAndChangedOverHTTP(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member("ann@example.com")
	home, elsewhere := s.browser(), s.browser()
	elsewhere.signIn(201, password)

	home.send(202, "POST", "/api/password-reset", fields{"email": "Ann@Example.com"})
	token := s.token("reset-password")
	for field, body := range map[string]fields{
		"password": {"token": token, "password": "short"},
		"token":    {"token": token + "x", "password": better},
	} {
		_, problem := home.send(400, "POST", "/api/password-reset/confirm", body)
		if !strings.Contains(problem, `"location":"`+field+`"`) {
			t.Errorf("problem %s, want one of %s", problem, field)
		}
	}
	response, _ := home.send(204, "POST", "/api/password-reset/confirm", fields{"token": token, "password": better})
	if len(response.Cookies()) != 1 || response.Cookies()[0].Name != api.Device {
		t.Errorf("cookies %v: a new password signs nobody in", response.Cookies())
	}
	home.send(400, "POST", "/api/password-reset/confirm", fields{"token": token, "password": better})
	elsewhere.send(401, "GET", "/api/session", nil)
	home.signIn(401, password)
	home.signIn(201, better)
	elsewhere.signIn(201, better)

	_, problem := home.send(400, "POST", "/api/password", fields{"current": password, "password": password})
	if !strings.Contains(problem, `"location":"current"`) {
		t.Errorf("problem %s", problem)
	}
	home.send(204, "POST", "/api/password", fields{"current": better, "password": password})
	home.send(200, "GET", "/api/session", nil)
	elsewhere.send(401, "GET", "/api/session", nil)
	if mails := s.mails(); len(mails) != 2 || mails[0].Template != "password-changed" || mails[1].Template != "password-changed" {
		t.Errorf("mails %+v", mails)
	}
}

func TestOwnSessionsAreShownAndEndedOverHTTP(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member("ann@example.com")
	var browsers []*browser
	for range 3 {
		b := s.browser()
		b.signIn(201, password)
		browsers = append(browsers, b)
		s.now = s.now.Add(time.Second)
	}
	list := func() (list api.List[access.OwnSession]) {
		_, body := browsers[1].send(200, "GET", "/api/sessions", nil)
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatal(err)
		}
		return list
	}
	all := list().Items
	if len(all) != 3 || all[0].Current || !all[1].Current || all[2].Current || !all[0].Created.After(all[1].Created) ||
		all[1].Agent != "Browser" || all[1].Address != "127.0.0.1" || all[1].Seen.IsZero() {
		t.Fatalf("sessions %+v", all)
	}
	browsers[1].send(204, "DELETE", "/api/sessions/"+all[0].ID, nil)
	browsers[2].send(401, "GET", "/api/session", nil)
	browsers[1].send(404, "DELETE", "/api/sessions/"+all[0].ID, nil)
	browsers[1].send(204, "DELETE", "/api/sessions", nil)
	browsers[0].send(401, "GET", "/api/session", nil)
	if all := list().Items; len(all) != 1 || !all[0].Current {
		t.Errorf("sessions %+v", all)
	}
}

func TestSessionTellsTheAccountsDetails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member("ann@example.com")
	b := s.browser()
	b.signIn(201, password)
	_, body := b.send(200, "GET", "/api/session", nil)
	var session access.Session
	if err := json.Unmarshal([]byte(body), &session); err != nil {
		t.Fatal(err)
	}
	want := `{"user":{"id":"` + session.User.ID + `","email":"ann@example.com","name":"Ann","primary":true},` +
		`"account":{"id":"` + session.Account.ID + `","company":"Acme","location":"de","locationName":"EU (Germany)","region":"eu-central-1",` +
		`"created":"2026-09-01T12:00:00Z","trialEnds":"2026-09-15T12:00:00Z"},"expires":"2026-09-01T12:30:00Z"}`
	if diff := cmp.Diff(want, strings.TrimSpace(body)); diff != "" {
		t.Errorf("session (-want +got):\n%s", diff)
	}
}

// TestKnownBrowserGetsInWhileOthersAreLocked_N2 has everybody come from one
// network address.
func TestKnownBrowserGetsInWhileOthersAreLocked_N2(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member("ann@example.com")
	home, stranger := s.browser(), s.browser()
	cookies := home.signIn(201, password).Cookies()
	if len(cookies) != 2 {
		t.Fatalf("cookies %v", cookies)
	}
	for _, c := range cookies {
		if !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || !strings.HasPrefix(c.Name, "__Host-") || c.SameSite < http.SameSiteLaxMode {
			t.Errorf("cookie %v", c)
		}
		if lasts := c.MaxAge == 90*24*60*60; lasts != (c.Name == api.Device) {
			t.Errorf("cookie %v lasts %d s", c.Name, c.MaxAge)
		}
	}
	home.send(204, "DELETE", "/api/session", nil) // the device outlives the session
	for range 10 {
		stranger.signIn(401, "wrong password")
		s.now = s.now.Add(70 * time.Second)
	}
	stranger.signIn(429, password)
	s.browser().signIn(429, password)
	home.signIn(201, password)
	stranger.signIn(429, password)
}

func TestEveryLocationIsListedWithWhereItsAccountsAreMade_F4(t *testing.T) {
	t.Parallel()
	a := api.New(&identity.Sessions{}, "https://portal.example.com")
	(&access.Server{
		Identity: &identity.Service{Region: "eu-central-1"},
		Portals:  map[string]string{"ap-northeast-1": "https://jp.example.com", "eu-central-1": "https://de.example.com"},
	}).Register(a)
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/sign-up", nil))
	var list api.List[access.Location]
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	want := []access.Location{
		{ID: "au", Name: "Australia"},
		{ID: "ca", Name: "Canada"},
		{ID: "fr", Name: "EU (France)"},
		{ID: "de", Name: "EU (Germany)", Here: true},
		{ID: "ie", Name: "EU (Ireland)"},
		{ID: "in", Name: "India"},
		{ID: "jp", Name: "Japan", Portal: "https://jp.example.com"},
		{ID: "za", Name: "South Africa"},
		{ID: "uk", Name: "United Kingdom"},
		{ID: "us", Name: "United States"},
	}
	if diff := cmp.Diff(want, list.Items); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
