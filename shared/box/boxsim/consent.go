package boxsim

import (
	html "html/template"
	"net/http"
	"net/url"
	"slices"
)

// consentPage asks a person which user they are and whether they agree.
var consentPage = html.Must(html.New("consent").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Box: grant access</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:28rem;margin:4rem auto;padding:0 1rem}
select,button{font:inherit;padding:.4rem .8rem;margin:.25rem .25rem .25rem 0}</style></head>
<body><main><h1>Grant access to Box</h1>
{{if .Problem}}<p role="alert">{{.Problem}}</p>{{else}}
<p>The application <strong>{{.Client}}</strong> asks for access to your content in {{.Enterprise}}.</p>
<form method="post" action="/api/oauth2/authorize">
<input type="hidden" name="client_id" value="{{.Client}}">
<input type="hidden" name="redirect_uri" value="{{.Redirect}}">
<input type="hidden" name="state" value="{{.State}}">
<p><label>Sign in as <select name="login">{{range .Users}}<option value="{{.Login}}">{{.Name}} ({{.Login}})</option>{{end}}</select></label></p>
<button name="consent" value="grant">Grant access to Box</button>
<button name="consent" value="deny">Deny access to Box</button>
</form>{{end}}</main></body></html>
`))

type consentView struct {
	Problem, Client, Enterprise, Redirect, State string
	Users                                        []*user
}

// asked reads the parameters of an authorization request. Mistakes in them are
// shown to the person and never sent back to the application.
func (c *call) asked(form url.Values) (consentView, *app) {
	client := c.Apps[form.Get("client_id")]
	if client == nil {
		return consentView{Problem: "invalid_client"}, nil
	}
	redirect, problem := client.redirectFor(form.Get("redirect_uri"))
	if problem == "" && !client.Authorized {
		problem = "unauthorized_client: This app is not authorized by the enterprise"
	}
	v := consentView{
		Problem: problem, Client: client.ClientID, Enterprise: c.Enterprises[client.Enterprise].Name,
		Redirect: redirect, State: form.Get("state"),
	}
	for _, u := range c.members(client.Enterprise) {
		if u.Status != "inactive" {
			v.Users = append(v.Users, &user{Name: u.Name, Login: u.Login, Role: u.Role})
		}
	}
	slices.SortStableFunc(v.Users, func(a, b *user) int { return rank(a.Role) - rank(b.Role) })
	return v, client
}

// rank puts administrators first: they are who connects an enterprise.
func rank(r Role) int { return slices.Index([]Role{Admin, CoAdmin, Member}, r) }

func (c *call) consent(w http.ResponseWriter) error {
	c.mu.Lock()
	v, _ := c.asked(c.query())
	c.mu.Unlock()
	if kind := c.query().Get("response_type"); v.Problem == "" && kind != "code" {
		v.Problem = "unsupported_response_type"
	}
	showConsent(w, v)
	return nil
}

func showConsent(w http.ResponseWriter, v consentView) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	if v.Problem != "" {
		w.WriteHeader(http.StatusBadRequest)
	}
	_ = consentPage.Execute(w, v) // only the connection can fail
}

// decide takes the person's answer back to the application.
func (c *call) decide(w http.ResponseWriter) error {
	if err := c.r.ParseForm(); err != nil {
		return refuse(http.StatusBadRequest, "bad_request", "The form is malformed")
	}
	c.mu.Lock()
	v, client := c.asked(c.r.PostForm)
	answer := url.Values{"state": {v.State}}
	if v.Problem == "" {
		u := c.byLogin(c.r.PostForm.Get("login"))
		switch {
		case c.r.PostForm.Get("consent") != "grant":
			answer.Set("error", "access_denied")
			answer.Set("error_description", "The user denied access to your application")
		case u == nil || u.Enterprise != client.Enterprise || u.Status == "inactive":
			v.Problem = "There is no such user."
		default:
			key := c.opaque(32)
			c.codes[key] = &code{App: client.ClientID, User: u.ID, Redirect: v.Redirect, Expires: c.now().Add(codeLife)}
			answer.Set("code", key)
		}
	}
	c.mu.Unlock()
	if v.Problem != "" {
		showConsent(w, v)
		return nil
	}
	to, err := url.Parse(v.Redirect)
	if err != nil {
		return refuse(http.StatusBadRequest, "bad_request", "The redirect address is malformed")
	}
	query := to.Query()
	for name, values := range answer {
		query[name] = values
	}
	to.RawQuery = query.Encode()
	http.Redirect(w, c.r, to.String(), http.StatusFound)
	return nil
}
