package boxsim

import (
	"cmp"
	"crypto/sha1" // #nosec G505 -- Box identifies contents by SHA-1
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"coffer/shared/backup"
)

const sessionLife = 7 * 24 * time.Hour

// session is a chunked upload under way.
type session struct {
	ID, User, Name     string
	Folder             string // of a new file
	File               string // of a new version
	Size, PartSize     int64
	Expires            time.Time
	Parts              []*part // by offset
	Done               bool
	ContentMD5Verified bool
}

type part struct {
	ID, SHA1     string
	Offset, Size int64
}

func (s *Sim) sessionRoutes() {
	s.handle("POST /api/2.0/files/upload_sessions", http.StatusCreated, func(c *call) (any, error) { return openSession(c, false) })
	s.handle("POST /api/2.0/files/{id}/upload_sessions", http.StatusCreated, func(c *call) (any, error) { return openSession(c, true) })
	s.handle("GET /api/2.0/files/upload_sessions/{id}", http.StatusOK, getSession)
	s.stream("PUT /api/2.0/files/upload_sessions/{id}", func(w http.ResponseWriter, c *call) error { return c.putPart(w) })
	s.handle("DELETE /api/2.0/files/upload_sessions/{id}", http.StatusNoContent, abortSession)
	s.handle("GET /api/2.0/files/upload_sessions/{id}/parts", http.StatusOK, listParts)
	s.stream("POST /api/2.0/files/upload_sessions/{id}/commit", func(w http.ResponseWriter, c *call) error { return c.commit(w) })
	s.handle("POST /api/2.0/files/upload_sessions/{id}/log", http.StatusOK, func(*call) (any, error) { return nil, nil })
}

func openSession(c *call, again bool) (any, error) {
	var in struct {
		Folder string `json:"folder_id"`
		File   string `json:"file_id"`
		Size   int64  `json:"file_size"`
		Name   string `json:"file_name"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	up := &session{User: c.user.ID, Name: in.Name, Size: in.Size, PartSize: c.opt.PartSize, Expires: c.now().Add(sessionLife)}
	if in.Folder != "" && (again || in.File != "") {
		return nil, refuse(http.StatusBadRequest, "multiple_destinations", "Only one of folder_id and file_id is allowed")
	}
	if in.Size < c.opt.MinSession {
		return nil, refuse(http.StatusBadRequest, "file_size_too_small", "The file size is below the minimum of %d bytes", c.opt.MinSession)
	}
	if again {
		it, err := c.subject(backup.File, canUpload)
		if err != nil {
			return nil, err
		}
		if err := c.room(it.Owner, in.Size); err != nil {
			return nil, err
		}
		up.File = it.ID
	} else {
		parent, err := c.find(backup.Folder, in.Folder, canUpload)
		if err != nil {
			return nil, err
		}
		if err := c.vacant(parent, in.Name, backup.File, nil); err != nil {
			return nil, err
		}
		if err := c.room(parent.Owner, in.Size); err != nil {
			return nil, err
		}
		up.Folder = parent.ID
	}
	up.ID = strings.ToUpper(c.opaque(32))
	c.Sessions[up.ID] = up
	return c.showSession(up), nil
}

func (c *call) showSession(up *session) object {
	base := c.origin() + "/api/2.0/files/upload_sessions/" + up.ID
	return object{
		"id": up.ID, "type": "upload_session", "session_expires_at": up.Expires.Format(time.RFC3339),
		"part_size": up.PartSize, "total_parts": (up.Size + up.PartSize - 1) / up.PartSize, "num_parts_processed": len(up.Parts),
		"session_endpoints": object{
			"upload_part": base, "commit": base + "/commit", "abort": base,
			"list_parts": base + "/parts", "status": base, "log_event": base + "/log",
		},
	}
}

// session finds the caller's upload session in the call's path.
func (c *call) session() (*session, error) {
	up := c.Sessions[c.r.PathValue("id")]
	switch {
	case up == nil:
		return nil, refuse(http.StatusNotFound, "invalid_upload_session_id", "The upload session ID provided is not valid")
	case up.User != c.user.ID:
		return nil, refuse(http.StatusForbidden, "forbidden", "The upload session belongs to another user")
	case c.now().After(up.Expires):
		return nil, refuse(http.StatusGone, "session_expired", "The upload session has expired")
	}
	return up, nil
}

func getSession(c *call) (any, error) {
	up, err := c.session()
	if err != nil {
		return nil, err
	}
	return c.showSession(up), nil
}

func (p *part) show() object {
	return object{"part_id": p.ID, "offset": p.Offset, "size": p.Size, "sha1": p.SHA1}
}

func listParts(c *call) (any, error) {
	up, err := c.session()
	if err != nil {
		return nil, err
	}
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	return offsetPage(p, up.Parts, (*part).show), nil
}

func abortSession(c *call) (any, error) {
	up, err := c.session()
	if err != nil {
		return nil, err
	}
	delete(c.Sessions, up.ID)
	return nil, nil
}

// putPart takes one part of a chunked upload.
func (c *call) putPart(w http.ResponseWriter) error {
	var first, last, total int64
	if _, err := fmt.Sscanf(c.r.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &total); err != nil {
		return invalid("content-range", "Invalid value '%s'.", c.r.Header.Get("Content-Range"))
	}
	sum, size, err := c.contents.put(c.r.Body)
	if err != nil {
		return refuse(http.StatusBadRequest, "bad_request", "The part was cut short")
	}
	p := &part{SHA1: sum, Offset: first, Size: size}
	c.mu.Lock()
	err = c.addPart(p, last-first+1, total)
	c.mu.Unlock()
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, object{"part": p.show()})
	return nil
}

func (c *call) addPart(p *part, announced, total int64) error {
	up, err := c.session()
	if err != nil {
		return err
	}
	at, known := slices.BinarySearchFunc(up.Parts, p.Offset, func(have *part, offset int64) int { return cmp.Compare(have.Offset, offset) })
	switch {
	case total != up.Size || p.Offset+announced > up.Size || p.Offset%up.PartSize != 0:
		return refuse(http.StatusRequestedRangeNotSatisfiable, "range_not_satisfiable", "The part does not fit the session")
	case p.Size != announced, p.Size != min(up.PartSize, up.Size-p.Offset):
		return refuse(http.StatusBadRequest, "bad_request", "The part's size is wrong")
	case c.r.Header.Get("Digest") != "sha="+base64Of(p.SHA1):
		return refuse(http.StatusPreconditionFailed, "precondition_failed", "The part's digest does not match")
	case known:
		return refuse(http.StatusConflict, "range_overlaps_existing_part", "The part overlaps an existing one")
	}
	p.ID = strings.ToUpper(c.opaque(8))
	up.Parts = slices.Insert(up.Parts, at, p)
	return nil
}

func base64Of(sum string) string {
	raw, _ := hex.DecodeString(sum) // it is ours
	return base64.StdEncoding.EncodeToString(raw)
}

// commit makes the parts into a file or a version.
func (c *call) commit(w http.ResponseWriter) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, c.r.Body, maxBody))
	if err != nil {
		return refuse(http.StatusRequestEntityTooLarge, "request_entity_too_large", "Request entity too large")
	}
	c.body = body
	var in struct {
		Parts []struct {
			ID     string `json:"part_id"`
			Offset int64  `json:"offset"`
			Size   int64  `json:"size"`
		} `json:"parts"`
		Attributes attributes `json:"attributes"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	c.mu.Lock()
	up, err := c.session()
	var parts []*part
	if err == nil {
		parts = slices.Clone(up.Parts)
	}
	c.mu.Unlock()
	if err != nil {
		return err
	}
	var sum int64
	for i, p := range parts {
		if len(in.Parts) != len(parts) || in.Parts[i].ID != p.ID || in.Parts[i].Offset != p.Offset {
			return refuse(http.StatusBadRequest, "parts_mismatch", "The parts do not match those uploaded")
		}
		sum += p.Size
	}
	if sum != up.Size {
		return refuse(http.StatusBadRequest, "parts_mismatch", "The parts do not add up to the file")
	}
	what, err := c.assemble(parts, in.Attributes)
	if err != nil {
		return err
	}
	c.mu.Lock()
	out, err := c.finish(up, what)
	c.mu.Unlock()
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.SHA1 != what.SHA1 {
			c.contents.drop(p.SHA1)
		}
	}
	writeJSON(w, http.StatusCreated, out)
	return nil
}

// assemble stores the parts as one content and checks its digest.
func (c *call) assemble(parts []*part, in attributes) (content, error) {
	readers := make([]io.Reader, len(parts))
	for i, p := range parts {
		r, err := c.contents.open(p.SHA1)
		if err != nil {
			return content{}, err
		}
		defer r.Close()
		readers[i] = r
	}
	whole := sha1.New() // #nosec G401
	sum, size, err := c.contents.put(io.TeeReader(io.MultiReader(readers...), whole))
	if err != nil {
		return content{}, err
	}
	if c.r.Header.Get("Digest") != "sha="+base64.StdEncoding.EncodeToString(whole.Sum(nil)) {
		return content{}, refuse(http.StatusPreconditionFailed, "precondition_failed", "The file's digest does not match")
	}
	return in.content(sum, size), nil
}

func (c *call) finish(up *session, what content) (object, error) {
	if c.Sessions[up.ID] != up {
		return nil, refuse(http.StatusGone, "session_expired", "The upload session has ended")
	}
	var it *item
	var err error
	if up.File != "" {
		if it, err = c.find(backup.File, up.File, canUpload); err == nil {
			err = c.replace(it, up.Name, what)
		}
	} else {
		var parent *item
		if parent, err = c.find(backup.Folder, up.Folder, canUpload); err == nil {
			it, err = c.newFile(c.user, parent, up.Name, what)
		}
	}
	if err != nil {
		return nil, err
	}
	delete(c.Sessions, up.ID)
	return object{"total_count": 1, "entries": []object{c.item(it, c.fields)}}, nil
}
