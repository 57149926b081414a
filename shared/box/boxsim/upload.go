package boxsim

import (
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"coffer/shared/backup"
)

func (s *Sim) uploadRoutes() {
	s.stream("POST /api/2.0/files/content", func(w http.ResponseWriter, c *call) error { return c.upload(w, false) })
	s.stream("POST /api/2.0/files/{id}/content", func(w http.ResponseWriter, c *call) error { return c.upload(w, true) })
	for _, prefix := range []string{"/2.0", "/api/2.0"} {
		s.handle("OPTIONS "+prefix+"/files/content", http.StatusOK, preflight)
		s.handle("OPTIONS "+prefix+"/files/content/{$}", http.StatusOK, preflight)
		s.handle("OPTIONS "+prefix+"/files/{id}/content", http.StatusOK, preflightVersion)
	}
}

// isUpload reports whether the request counts against the limit of uploads.
func isUpload(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/2.0/") && (r.Method == http.MethodPost || r.Method == http.MethodPut)
}

// attributes is the first part of a direct upload.
type attributes struct {
	Name            string     `json:"name"`
	Parent          *reference `json:"parent"`
	Size            int64      `json:"size"`
	Description     string     `json:"description"`
	ContentCreated  time.Time  `json:"content_created_at"`
	ContentModified time.Time  `json:"content_modified_at"`
}

func (a attributes) content(sum string, size int64) content {
	return content{
		SHA1: sum, Size: size,
		Created: a.ContentCreated.UTC().Truncate(time.Second), Modified: a.ContentModified.UTC().Truncate(time.Second),
	}
}

// upload takes a direct upload of a new file or version.
func (c *call) upload(w http.ResponseWriter, again bool) error {
	in, sum, size, err := c.receive()
	if err != nil {
		return err
	}
	if want := c.r.Header.Get("Content-MD5"); want != "" && !strings.EqualFold(want, sum) {
		return refuse(http.StatusBadRequest, "bad_digest", "The specified content-md5 did not match what we received")
	}
	c.mu.Lock()
	it, err := c.store(in, again, in.content(sum, size))
	var body object
	if err == nil {
		body = object{"total_count": 1, "entries": []object{c.item(it, c.fields)}}
	}
	c.mu.Unlock()
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if again {
		status = http.StatusOK
	}
	writeJSON(w, status, body)
	return nil
}

// store makes a new file, or a new version of the file in the call's path.
func (c *call) store(in attributes, again bool, what content) (*item, error) {
	if !again {
		if in.Parent == nil {
			return nil, invalid("parent", "Invalid value ''.")
		}
		parent, err := c.find(backup.Folder, in.Parent.ID, canUpload)
		if err != nil {
			return nil, err
		}
		it, err := c.newFile(c.user, parent, in.Name, what)
		if err != nil {
			return nil, err
		}
		c.setDescription(c.user, it, in.Description)
		return it, nil
	}
	it, err := c.subject(backup.File, canUpload)
	if err != nil {
		return nil, err
	}
	return it, c.replace(it, in.Name, what)
}

// replace puts a new version on a file, with another name if one is given.
func (c *call) replace(it *item, name string, what content) error {
	if err := c.matchETag(it); err != nil {
		return err
	}
	if err := c.checkLock(it, nil); err != nil {
		return err
	}
	if name != "" {
		if err := c.rename(c.user, it, name); err != nil {
			return err
		}
	}
	return c.newVersion(c.user, it, what)
}

// receive reads the two parts of a direct upload and stores the bytes.
func (c *call) receive() (in attributes, sum string, size int64, err error) {
	malformed := refuse(http.StatusBadRequest, "bad_request", "The multipart body is not well formed")
	_, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return in, "", 0, malformed
	}
	parts := multipart.NewReader(c.r.Body, params["boundary"])
	part, err := parts.NextPart()
	if err != nil {
		return in, "", 0, malformed
	}
	if part.FormName() != "attributes" {
		return in, "", 0, refuse(http.StatusBadRequest, "metadata_after_file_contents", "The attributes part must come first")
	}
	if err := json.NewDecoder(io.LimitReader(part, maxBody)).Decode(&in); err != nil {
		return in, "", 0, refuse(http.StatusBadRequest, "bad_request", "The attributes are not well formed")
	}
	if part, err = parts.NextPart(); err != nil {
		return in, "", 0, malformed
	}
	sum, size, err = c.contents.put(part)
	if err != nil {
		return in, "", 0, malformed
	}
	return in, sum, size, nil
}

// preflight tells whether an upload would be accepted.
func preflight(c *call) (any, error) {
	var in attributes
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.Parent == nil {
		return nil, invalid("parent", "Invalid value ''.")
	}
	parent, err := c.find(backup.Folder, in.Parent.ID, canUpload)
	if err != nil {
		return nil, err
	}
	if err := c.vacant(parent, in.Name, backup.File, nil); err != nil {
		return nil, err
	}
	return c.accepted("/api/2.0/files/content", parent.Owner, in.Size)
}

func preflightVersion(c *call) (any, error) {
	var in attributes
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	it, err := c.subject(backup.File, canUpload)
	if err != nil {
		return nil, err
	}
	if in.Name != "" {
		if err := c.vacant(c.parentOf(it), in.Name, backup.File, it); err != nil {
			return nil, err
		}
	}
	return c.accepted("/api/2.0/files/"+it.ID+"/content", it.Owner, in.Size)
}

func (c *call) accepted(path, owner string, size int64) (any, error) {
	if err := c.room(owner, size); err != nil {
		return nil, err
	}
	return object{"upload_url": c.origin() + path, "upload_token": nil}, nil
}
