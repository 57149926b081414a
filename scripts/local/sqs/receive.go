package sqs

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	mostFlying = 120_000 // per queue, SQS's limit
	sender     = "AROAXLOCALXLOCALXLOCA:local"
)

type receiveInput struct {
	QueueUrl                    string
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             *int
	AttributeNames              []string // the older name of the next
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
}

type receiveOutput struct {
	Messages []received `json:",omitempty"`
}

type received struct {
	MessageId, ReceiptHandle, Body, MD5OfBody string
	Attributes                                map[string]string    `json:",omitempty"`
	MessageAttributes                         map[string]attribute `json:",omitempty"`
	MD5OfMessageAttributes                    string               `json:",omitempty"`
}

// receiveMessage answers as soon as there is a message, and with none when the
// time to wait is over.
func (s *Server) receiveMessage(ctx context.Context, in receiveInput) (receiveOutput, error) {
	deadline := time.Now()
	for first := true; ; first = false {
		var out receiveOutput
		var wake <-chan struct{}
		var due time.Time
		err := s.with(in.QueueUrl, func(q *queue) (err error) {
			count, visibility, wait, err := q.terms(in)
			if err != nil {
				return err
			}
			if first {
				deadline = deadline.Add(wait)
			}
			out.Messages, err = s.take(q, count, visibility, in)
			wake, due = q.wake, deadline
			if m, ok := q.waiting.first(); ok && m.Until.Before(due) {
				due = m.Until
			}
			return err
		})
		if err != nil || len(out.Messages) > 0 || !time.Now().Before(deadline) {
			return out, err
		}
		timer := time.NewTimer(time.Until(due))
		select {
		case <-wake:
		case <-timer.C:
		case <-s.closed:
		case <-ctx.Done():
			timer.Stop()
			return receiveOutput{}, ctx.Err()
		}
		timer.Stop()
	}
}

// terms returns how many messages a receive takes at most, for how long, and
// how long it waits for the first.
func (q *queue) terms(in receiveInput) (count int, visibility, wait time.Duration, err error) {
	value := func(given *int, name string, usual, least, most int) int {
		if given == nil {
			return usual
		}
		if *given < least || *given > most {
			err = invalid(fmt.Sprintf("Value %d for parameter %s is invalid. Reason: Must be between %d and %d, if provided.", *given, name, least, most))
		}
		return *given
	}
	count = value(in.MaxNumberOfMessages, "MaxNumberOfMessages", 1, 1, 10)
	b := bounds["VisibilityTimeout"]
	v := value(in.VisibilityTimeout, "VisibilityTimeout", q.number("VisibilityTimeout"), b.least, b.most)
	w := value(in.WaitTimeSeconds, "WaitTimeSeconds", q.number("ReceiveMessageWaitTimeSeconds"), 0, 20)
	return count, time.Duration(v) * time.Second, time.Duration(w) * time.Second, err
}

// take puts the next messages in flight. One that was received too often goes
// to the dead-letter queue instead.
func (s *Server) take(q *queue, count int, visibility time.Duration, in receiveInput) ([]received, error) {
	now := time.Now().UTC()
	var out []received
	for len(out) < count {
		m, ok := q.next()
		if !ok {
			break
		}
		if target, most, ok := q.redrive(); ok && m.Received >= most {
			if dead, ok := s.byARN(target); ok {
				if err := s.bury(q, dead, m); err != nil {
					return out, err
				}
				continue
			}
		}
		if q.flying >= mostFlying {
			if len(out) > 0 {
				break
			}
			return nil, fail("OverLimit", "", "Too many messages are in flight.")
		}
		since := m.First
		if m.Received == 0 {
			since = now
		}
		if err := s.write(record{Op: opReceive, Queue: q.name, ID: m.ID, Received: m.Received + 1, First: since}); err != nil {
			return out, err
		}
		m.Received, m.First, m.handle = m.Received+1, since, rand.Text()
		q.fly(m, now.Add(visibility))
		out = append(out, m.show(in))
	}
	if visibility == 0 {
		return out, s.tidy(q, now) // they are visible again at once
	}
	return out, nil
}

// bury moves a message to a dead-letter queue. It keeps its id and its age.
func (s *Server) bury(q, dead *queue, m *message) error {
	moved := &message{
		ID: m.ID, Body: m.Body, Attributes: m.Attributes, Group: m.Group, Trace: m.Trace,
		Source: s.arn(q.name), Sent: m.Sent, Received: m.Received, First: m.First,
	}
	return s.transfer(q, m, dead, moved)
}

// transfer replaces a message by another in another queue. A crash in between
// leaves both rather than none.
func (s *Server) transfer(from *queue, m *message, to *queue, moved *message) error {
	err := s.write(
		record{Op: opSend, Queue: to.name, Message: moved},
		record{Op: opDelete, Queue: from.name, ID: m.ID})
	if err != nil {
		return err
	}
	from.remove(m)
	to.add(moved, moved.Sent)
	return nil
}

// show returns a message as the receiver asked to see it.
func (m *message) show(in receiveInput) received {
	out := received{
		MessageId: m.ID, Body: m.Body, MD5OfBody: bodyMD5(m.Body),
		ReceiptHandle: base64.RawURLEncoding.EncodeToString([]byte(m.ID + "/" + m.handle)),
		Attributes:    map[string]string{}, MessageAttributes: map[string]attribute{},
	}
	system := map[string]string{
		"SenderId":                         sender,
		"SentTimestamp":                    milliseconds(m.Sent),
		"ApproximateReceiveCount":          strconv.Itoa(m.Received),
		"ApproximateFirstReceiveTimestamp": milliseconds(m.First),
		"MessageGroupId":                   m.Group,
		"AWSTraceHeader":                   m.Trace,
		"DeadLetterQueueSourceArn":         m.Source,
	}
	for _, name := range slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames) {
		if name == "All" {
			maps.Copy(out.Attributes, system)
		} else {
			out.Attributes[name] = system[name]
		}
	}
	maps.DeleteFunc(out.Attributes, func(_, value string) bool { return value == "" })
	for name, a := range m.Attributes {
		if slices.ContainsFunc(in.MessageAttributeNames, func(want string) bool { return selects(want, name) }) {
			out.MessageAttributes[name] = a
		}
	}
	out.MD5OfMessageAttributes = attributesMD5(out.MessageAttributes)
	return out
}

// selects reports whether a receiver who asks for want gets an attribute: by
// name, by prefix and .*, or All.
func selects(want, name string) bool {
	prefix, wild := strings.CutSuffix(want, ".*")
	return want == name || want == "All" || wild && strings.HasPrefix(name, prefix)
}

func milliseconds(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

type handleInput struct {
	ID                string `json:"Id"` // in a batch
	QueueUrl          string
	ReceiptHandle     string
	VisibilityTimeout *int
}

// find returns the message that a receipt handle is for: nil if it is gone, or
// was received again since.
func (q *queue) find(in handleInput) (*message, error) {
	b, err := base64.RawURLEncoding.DecodeString(in.ReceiptHandle)
	id, handle, ok := strings.Cut(string(b), "/")
	if err != nil || !ok {
		return nil, fail("ReceiptHandleIsInvalid", "", "The input receipt handle is invalid.")
	}
	if m := q.messages[id]; m != nil && m.handle == handle {
		return m, nil
	}
	return nil, nil
}

func (s *Server) deleteMessage(_ context.Context, in handleInput) (empty, error) {
	return empty{}, s.with(in.QueueUrl, func(q *queue) error { return s.discard(q, in) })
}

// discard deletes a message. An older handle of a message that was received
// again deletes nothing, and that is no error, as in SQS.
func (s *Server) discard(q *queue, in handleInput) error {
	m, err := q.find(in)
	if err != nil || m == nil {
		return err
	}
	if err := s.write(record{Op: opDelete, Queue: q.name, ID: m.ID}); err != nil {
		return err
	}
	q.remove(m)
	return nil
}

func (s *Server) changeMessageVisibility(_ context.Context, in handleInput) (empty, error) {
	return empty{}, s.with(in.QueueUrl, func(q *queue) error { return q.hide(in) })
}

// hide sets how long from now a message in flight stays so.
func (q *queue) hide(in handleInput) error {
	b := bounds["VisibilityTimeout"]
	if in.VisibilityTimeout == nil {
		return missing("VisibilityTimeout")
	}
	if v := *in.VisibilityTimeout; v < b.least || v > b.most {
		return invalid(fmt.Sprintf("Value %d for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer between %d and %d.", v, b.least, b.most))
	}
	m, err := q.find(in)
	if err != nil {
		return err
	}
	if m == nil || m.state != flying {
		return fail("MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight", "The message referred to is not in flight.")
	}
	now := time.Now().UTC()
	q.extend(m, now.Add(time.Duration(*in.VisibilityTimeout)*time.Second), now)
	return nil
}

type handleBatchInput struct {
	QueueUrl string
	Entries  []handleInput
}

type entryOutput struct {
	ID string `json:"Id"`
}

func (s *Server) deleteMessageBatch(_ context.Context, in handleBatchInput) (batchOutput[entryOutput], error) {
	return s.handles(in, s.discard)
}

func (s *Server) changeMessageVisibilityBatch(_ context.Context, in handleBatchInput) (batchOutput[entryOutput], error) {
	return s.handles(in, (*queue).hide)
}

func (s *Server) handles(in handleBatchInput, do func(*queue, handleInput) error) (out batchOutput[entryOutput], err error) {
	err = s.with(in.QueueUrl, func(q *queue) error {
		out, err = batch(in.Entries, func(e handleInput) string { return e.ID }, func(e handleInput) (entryOutput, error) {
			return entryOutput{e.ID}, do(q, e)
		})
		return err
	})
	return out, err
}
