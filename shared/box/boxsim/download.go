package boxsim

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"coffer/shared/backup"
)

const linkLife = 15 * time.Minute

// link is a download address, good for whoever knows it until it expires.
type link struct {
	SHA1, Name string
	Size       int64
	Expires    time.Time
}

func (s *Sim) downloadRoutes() {
	s.handle("GET /2.0/files/{id}/content", http.StatusFound, redirectToContent)
	s.public("GET /d/1/{link}/download", func(w http.ResponseWriter, c *call) error { return c.download(w) })
}

func redirectToContent(c *call) (any, error) {
	it, err := c.subject(backup.File, canDownload)
	if err != nil {
		return nil, err
	}
	if it.Blocked {
		return nil, refuse(http.StatusForbidden, "forbidden_by_policy", "Access denied - blocked by policy")
	}
	if it.Lock != nil && it.Lock.DownloadPrevented && it.Lock.By != c.user.ID {
		return nil, refuse(http.StatusForbidden, "access_denied_item_locked", "Access denied - item locked")
	}
	v := it.current()
	if id := c.query().Get("version"); id != "" {
		if v = it.version(id); v == nil || !v.Trashed.IsZero() {
			return nil, notFound()
		}
	}
	key := c.opaque(48)
	c.links[key] = &link{SHA1: v.SHA1, Name: it.Name, Size: v.Size, Expires: c.now().Add(linkLife)}
	c.emit(c.user, it, "ITEM_DOWNLOAD", "DOWNLOAD")
	return reply{
		status: http.StatusFound,
		header: map[string]string{"location": c.origin() + "/d/1/" + key + "/download"},
	}, nil
}

// download serves a content at its address, whole or in part.
func (c *call) download(w http.ResponseWriter) error {
	c.mu.Lock()
	l := c.links[c.r.PathValue("link")]
	if l != nil && c.now().After(l.Expires) {
		delete(c.links, c.r.PathValue("link"))
		l = nil
	}
	c.mu.Unlock()
	if l == nil {
		return &failure{Status: http.StatusNotFound}
	}
	return c.serveContent(w, l)
}

func (c *call) serveContent(w http.ResponseWriter, l *link) error {
	body, err := c.contents.open(l.SHA1)
	if err != nil {
		return err
	}
	defer body.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment;filename*=UTF-8''%s", url.PathEscape(l.Name)))
	if l.Size == 0 {
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(http.StatusOK)
		return nil
	}
	sent := &measured{ReadSeeker: body}
	http.ServeContent(w, c.r, "", time.Time{}, sent)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent += sent.n
	return nil
}

// measured counts the bytes that are read.
type measured struct {
	io.ReadSeeker
	n int64
}

// Read implements io.Reader.
func (m *measured) Read(p []byte) (int, error) {
	n, err := m.ReadSeeker.Read(p)
	m.n += int64(n)
	return n, err
}
