package ses

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed pages
var files embed.FS

// Mailbox returns the pages that show the mails, to be mounted with
// http.StripPrefix: a list, the newest first, and a page for each mail. A mail
// cannot run anything or load anything. For programs the list is JSON, at
// mails.json or with ?format=json.
func (s *Server) Mailbox() http.Handler {
	pages := template.Must(template.New("").Funcs(template.FuncMap{"join": strings.Join, "links": links}).ParseFS(files, "pages/*.html"))
	m := mailbox{s, pages}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", m.list)
	mux.HandleFunc("GET /mails.json", m.json)
	mux.HandleFunc("GET /style.css", m.style)
	mux.HandleFunc("GET /{id}", m.mail)
	mux.HandleFunc("GET /{id}/html", m.html)
	mux.HandleFunc("GET /{id}/attachments/{number}", m.attachment)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		if r.URL.Path == "" { // the prefix itself was asked for
			u := *r.URL
			u.Path = "/"
			r2 := *r
			r2.URL = &u
			r = &r2
		}
		mux.ServeHTTP(w, r)
	})
}

type mailbox struct {
	server *Server
	pages  *template.Template
}

// page is what the templates show.
type page struct {
	Base  string // what links begin with
	Mails []Mail
	Mail  Mail
}

func (m mailbox) list(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("format") == "json" {
		m.json(w, r)
		return
	}
	m.show(w, "list.html", page{Base: base(r), Mails: m.server.Mails()})
}

func (m mailbox) json(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(m.server.Mails()) // the reader has gone; there is nobody to tell
}

func (m mailbox) mail(w http.ResponseWriter, r *http.Request) {
	if found, ok := m.find(w, r); ok {
		m.show(w, "mail.html", page{Base: base(r), Mail: found})
	}
}

// html serves a mail's HTML for the frame on its page: in a sandbox, so that
// its scripts do not run and its origin is none, whoever opens it. Its links and
// buttons open in a tab of their own, as in a mail program.
func (m mailbox) html(w http.ResponseWriter, r *http.Request) {
	found, ok := m.find(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Security-Policy", "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(apart(found.HTML)))
}

// attachment gives one of a mail's files to be kept; the first has the number 0.
func (m mailbox) attachment(w http.ResponseWriter, r *http.Request) {
	found, ok := m.find(w, r)
	if !ok {
		return
	}
	n, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || n < 0 || n >= len(found.Attachments) {
		http.Error(w, "The mail has no such attachment.", http.StatusNotFound)
		return
	}
	a := found.Attachments[n]
	w.Header().Set("Content-Type", a.Type)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.Name}))
	_, _ = w.Write(a.Content)
}

// apart has the links of a page open in a tab of their own.
func apart(page string) string {
	const head, base = "<head>", `<base target="_blank">`
	if before, after, ok := strings.Cut(page, head); ok {
		return before + head + base + after
	}
	return base + page
}

func (m mailbox) style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "pages/style.css")
}

func (m mailbox) find(w http.ResponseWriter, r *http.Request) (Mail, bool) {
	mails := m.server.Mails()
	i := slices.IndexFunc(mails, func(found Mail) bool { return found.ID == r.PathValue("id") })
	if i < 0 {
		http.Error(w, "There is no such mail.", http.StatusNotFound)
		return Mail{}, false
	}
	return mails[i], true
}

func (m mailbox) show(w http.ResponseWriter, name string, p page) {
	var b bytes.Buffer
	if err := m.pages.ExecuteTemplate(&b, name, p); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}

// base returns the prefix that was stripped off the request's path.
func base(r *http.Request) string {
	asked, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.TrimSuffix(asked.Path, r.URL.Path), "/")
}

var link = regexp.MustCompile(`https?://[^\s<>"')\]]+`)

// links returns the addresses in a mail's text, which is shown as it is.
func links(text string) []string {
	var out []string
	for _, l := range link.FindAllString(text, -1) {
		if l = strings.TrimRight(l, ".,;:!?"); !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}
