package box

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Comment is a comment on a file, or an answer to another one.
type Comment struct {
	ID            string
	Message       string
	TaggedMessage string // with mentions, as @[user id:name]; empty without any
	Reply         bool
	Item          Mini // what it is on: a file, or a comment for a reply
	CreatedBy     Mini
	CreatedAt     time.Time
	ModifiedAt    time.Time
}

const commentFields = "id,message,tagged_message,is_reply_comment,item,created_by,created_at,modified_at"

// UnmarshalJSON reads a comment as Box writes it.
func (c *Comment) UnmarshalJSON(data []byte) error {
	var in struct {
		ID            text          `json:"id"`
		Message       text          `json:"message"`
		TaggedMessage text          `json:"tagged_message"`
		Reply         lenient[bool] `json:"is_reply_comment"`
		Item          Mini          `json:"item"`
		CreatedBy     Mini          `json:"created_by"`
		CreatedAt     moment        `json:"created_at"`
		ModifiedAt    moment        `json:"modified_at"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*c = Comment{
		ID: string(in.ID), Message: string(in.Message), TaggedMessage: string(in.TaggedMessage), Reply: in.Reply.value,
		Item: in.Item, CreatedBy: in.CreatedBy, CreatedAt: time.Time(in.CreatedAt), ModifiedAt: time.Time(in.ModifiedAt),
	}
	return nil
}

func (c *Comment) whole() bool { return c.ID != "" }

// Comments returns all comments on a file, with the answers.
func (c *Client) Comments(ctx context.Context, file string) ([]Comment, error) {
	return all[Comment](ctx, c, "file.comments", c.api("files", file, "comments"), url.Values{"fields": {commentFields}})
}

// CreateComment comments on a file or, where on.Type is "comment", answers. The
// author is the acting user and the time is now. Box refuses the same message
// again within minutes, as a Conflict.
func (c *Client) CreateComment(ctx context.Context, on Mini, message string) (Comment, error) {
	var comment Comment
	err := c.do(ctx, call{
		kind: "comment.create", method: http.MethodPost, url: c.api("comments"), query: url.Values{"fields": {commentFields}}, create: true,
		in: map[string]any{"message": message, "item": map[string]string{"type": on.Type, "id": on.ID}},
	}, &comment)
	return comment, err
}
