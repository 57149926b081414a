package sqs

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"
)

// shown are all attributes as GetQueueAttributes shows them.
func (s *Server) shown(q *queue) map[string]string {
	out := maps.Clone(q.attributes)
	for name := range bounds {
		out[name] = strconv.Itoa(q.number(name))
	}
	if out["SqsManagedSseEnabled"] == "" && out["KmsMasterKeyId"] == "" {
		out["SqsManagedSseEnabled"] = "true"
	}
	waiting := q.waiting.Len() - q.flying
	out["QueueArn"] = s.arn(q.name)
	out["CreatedTimestamp"] = strconv.FormatInt(q.created.Unix(), 10)
	out["LastModifiedTimestamp"] = strconv.FormatInt(q.modified.Unix(), 10)
	out["ApproximateNumberOfMessages"] = strconv.Itoa(len(q.messages) - q.flying - waiting)
	out["ApproximateNumberOfMessagesNotVisible"] = strconv.Itoa(q.flying)
	out["ApproximateNumberOfMessagesDelayed"] = strconv.Itoa(waiting)
	return out
}

type attributesOutput struct {
	Attributes map[string]string `json:",omitempty"`
}

func (s *Server) getQueueAttributes(_ context.Context, in queueInput) (out attributesOutput, err error) {
	err = s.with(in.QueueUrl, func(q *queue) error {
		all := s.shown(q)
		if slices.Contains(in.AttributeNames, "All") {
			out.Attributes = all
			return nil
		}
		out.Attributes = map[string]string{}
		for _, name := range in.AttributeNames {
			value, ok := all[name]
			switch {
			case ok:
				out.Attributes[name] = value
			case name != "RedrivePolicy" && name != "FifoQueue" && !slices.Contains(kept, name):
				return fail("InvalidAttributeName", "", "Unknown Attribute "+name+".")
			}
		}
		return nil
	})
	return out, err
}

func (s *Server) setQueueAttributes(_ context.Context, in queueInput) (empty, error) {
	return empty{}, s.with(in.QueueUrl, func(q *queue) error {
		if err := s.check(in.Attributes); err != nil {
			return err
		}
		return s.change(q, func(r record) {
			for name, value := range in.Attributes {
				if value == "" {
					delete(r.Attributes, name)
				} else {
					r.Attributes[name] = value
				}
			}
		})
	})
}

type tagsOutput struct {
	Tags map[string]string `json:",omitempty"`
}

func (s *Server) listQueueTags(_ context.Context, in queueInput) (out tagsOutput, err error) {
	err = s.with(in.QueueUrl, func(q *queue) error {
		out.Tags = maps.Clone(q.tags)
		return nil
	})
	return out, err
}

func (s *Server) tagQueue(_ context.Context, in queueInput) (empty, error) {
	return empty{}, s.with(in.QueueUrl, func(q *queue) error {
		return s.change(q, func(r record) { maps.Copy(r.Tags, in.Tags) })
	})
}

func (s *Server) untagQueue(_ context.Context, in queueInput) (empty, error) {
	return empty{}, s.with(in.QueueUrl, func(q *queue) error {
		return s.change(q, func(r record) {
			maps.DeleteFunc(r.Tags, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
		})
	})
}

// change edits a copy of the queue's attributes and tags, and makes it the
// queue's once it is in the journal.
func (s *Server) change(q *queue, edit func(record)) error {
	r := q.record()
	r.Attributes, r.Tags, r.Modified = copied(r.Attributes), copied(r.Tags), time.Now().UTC().Truncate(time.Second)
	edit(r)
	if err := s.write(r); err != nil {
		return err
	}
	q.attributes, q.tags, q.modified = r.Attributes, r.Tags, r.Modified
	q.notify() // a shorter retention counts at once
	return nil
}

// copied returns a copy that can be written to, which maps.Clone of nil is not.
func copied(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	maps.Copy(out, m)
	return out
}
