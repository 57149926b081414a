package boxsim

import (
	"net/http"
	"slices"
	"time"

	"coffer/shared/backup"
)

// comment is a remark on a file, or a reply to one.
type comment struct {
	ID                string
	File              backup.ItemRef
	ReplyTo           string // comment id
	Message, Tagged   string
	By                string
	Created, Modified time.Time
}

func (s *Sim) commentRoutes() {
	s.handle("GET /2.0/files/{id}/comments", http.StatusOK, listComments)
	s.handle("POST /2.0/comments", http.StatusCreated, createComment)
	s.handle("GET /2.0/comments/{id}", http.StatusOK, func(c *call) (any, error) {
		co, err := c.comment()
		if err != nil {
			return nil, err
		}
		return c.showComment(co), nil
	})
	s.handle("PUT /2.0/comments/{id}", http.StatusOK, updateComment)
	s.handle("DELETE /2.0/comments/{id}", http.StatusNoContent, deleteComment)
}

func (c *call) showComment(co *comment) object {
	about := object{"type": "file", "id": co.File.ID}
	if co.ReplyTo != "" {
		about = object{"type": "comment", "id": co.ReplyTo}
	}
	out := object{
		"type": "comment", "id": co.ID, "is_reply_comment": co.ReplyTo != "", "message": co.Message,
		"created_by": c.userMini(co.By), "created_at": stamp(co.Created), "modified_at": stamp(co.Modified), "item": about,
	}
	if co.Tagged != "" || slices.Contains(c.fields, "tagged_message") {
		out["tagged_message"] = co.Tagged
	}
	return out
}

func listComments(c *call) (any, error) {
	it, err := c.subject(backup.File, canPreview)
	if err != nil {
		return nil, err
	}
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	return offsetPage(p, c.commentsOn[it.ItemRef], func(id string) object { return c.showComment(c.Comments[id]) }), nil
}

// newComment adds a comment to a file.
func (s *Sim) newComment(by *user, it *item, in comment) *comment {
	in.ID, in.File, in.By, in.Created = s.nextID("comment"), it.ItemRef, by.ID, s.now()
	in.Modified = in.Created
	s.Comments[in.ID] = &in
	s.commentsOn[it.ItemRef] = append(s.commentsOn[it.ItemRef], in.ID)
	s.emit(by, it, "COMMENT_CREATE", "COMMENT_CREATE")
	return &in
}

func createComment(c *call) (any, error) {
	var in struct {
		Message string    `json:"message"`
		Tagged  string    `json:"tagged_message"`
		Item    reference `json:"item"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.Message == "" && in.Tagged == "" {
		return nil, invalid("message", "Invalid value ''.")
	}
	made := comment{Message: in.Message, Tagged: in.Tagged}
	file := in.Item.ID
	if in.Item.Type == "comment" {
		first := c.Comments[file]
		if first == nil {
			return nil, notFound()
		}
		made.ReplyTo, file = first.ID, first.File.ID
	}
	it, err := c.find(backup.File, file, canComment)
	if err != nil {
		return nil, err
	}
	return c.showComment(c.newComment(c.user, it, made)), nil
}

// comment finds the comment in the call's path.
func (c *call) comment() (*comment, error) {
	co := c.Comments[c.r.PathValue("id")]
	if co == nil {
		return nil, notFound()
	}
	_, err := c.find(backup.File, co.File.ID, canPreview)
	return co, err
}

func updateComment(c *call) (any, error) {
	co, err := c.comment()
	if err != nil {
		return nil, err
	}
	var in struct{ Message string }
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if co.By != c.user.ID {
		return nil, forbidden()
	}
	co.Message, co.Modified = in.Message, c.now()
	c.emit(c.user, c.Items[co.File], "COMMENT_EDIT", "COMMENT_EDIT")
	return c.showComment(co), nil
}

func deleteComment(c *call) (any, error) {
	co, err := c.comment()
	if err != nil {
		return nil, err
	}
	it := c.Items[co.File]
	if co.By != c.user.ID && c.rightsOn(c.user, it)&canManage == 0 {
		return nil, forbidden()
	}
	delete(c.Comments, co.ID)
	c.commentsOn[co.File] = slices.DeleteFunc(c.commentsOn[co.File], func(id string) bool { return id == co.ID })
	c.emit(c.user, it, "COMMENT_DELETE", "COMMENT_DELETE")
	return nil, nil
}
