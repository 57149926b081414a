package boxsim

import (
	"embed"
	"io/fs"
	"maps"
	"net/http"
	"slices"

	"coffer/shared/backup"
)

//go:embed webpage
var webpage embed.FS

// pageRoutes serve a page on which a person looks at the enterprises and
// changes what is in them. It uses the API as any other client does.
func (s *Sim) pageRoutes() {
	files, err := fs.Sub(webpage, "webpage")
	if err != nil {
		panic(err) // the folder is embedded under this name
	}
	server := http.FileServerFS(files)
	for _, pattern := range []string{"GET /{$}", "GET /page.js", "GET /page.css"} {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Cache-Control", "no-cache")
			server.ServeHTTP(w, r)
		})
	}
	s.mux.HandleFunc("GET /_sim/enterprises", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, s.census())
	})
	s.mux.HandleFunc("POST /_sim/token", s.controlToken)
}

// resident is a user as the page lists them.
type resident struct {
	ID    backup.BoxUserID `json:"id"`
	Name  string           `json:"name"`
	Login string           `json:"login"`
	Role  Role             `json:"role"`
	Bytes int64            `json:"bytes"`
}

// population is an enterprise as the page lists it.
type population struct {
	ID    string     `json:"id"`
	Name  string     `json:"name"`
	Users []resident `json:"users"`
}

// census lists the enterprises in the order of their ids.
func (s *Sim) census() []population {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []population{}
	for _, id := range slices.Sorted(maps.Keys(s.Enterprises)) {
		p := population{ID: id, Name: s.Enterprises[id].Name, Users: []resident{}}
		for _, u := range s.members(id) {
			p.Users = append(p.Users, resident{
				ID: backup.BoxUserID(u.ID), Name: u.Name, Login: u.Login, Role: u.Role,
				Bytes: s.shelf(backup.RootFolder, u.ID).bytes,
			})
		}
		list = append(list, p)
	}
	return list
}

// controlToken gives whoever asks an access token of a user.
func (s *Sim) controlToken(w http.ResponseWriter, r *http.Request) {
	var in struct{ User backup.BoxUserID }
	if !readControl(w, r, &in) {
		return
	}
	if _, ok := s.User(in.User); !ok {
		writeJSON(w, http.StatusNotFound, object{"error": "There is no such user."})
		return
	}
	writeJSON(w, http.StatusOK, object{"access_token": s.Token(in.User)})
}
