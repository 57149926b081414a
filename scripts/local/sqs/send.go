package sqs

import (
	"cmp"
	"context"
	"crypto/md5" // #nosec G501 -- it is what the protocol checks transport with
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"coffer/scripts/local/awsjson"
)

// attribute is a message attribute's value.
type attribute struct {
	DataType    string
	StringValue string `json:",omitempty"`
	BinaryValue []byte `json:",omitempty"`
}

type sendInput struct {
	ID                      string `json:"Id"` // in a batch
	QueueUrl                string
	MessageBody             string
	DelaySeconds            *int
	MessageAttributes       map[string]attribute
	MessageSystemAttributes map[string]attribute
	MessageGroupId          string
}

type sendOutput struct {
	ID                           string `json:"Id,omitempty"`
	MessageId                    string
	MD5OfMessageBody             string
	MD5OfMessageAttributes       string `json:",omitempty"`
	MD5OfMessageSystemAttributes string `json:",omitempty"`
}

func (s *Server) sendMessage(_ context.Context, in sendInput) (out sendOutput, err error) {
	err = s.with(in.QueueUrl, func(q *queue) error {
		m, err := q.compose(in, time.Now().UTC())
		if err != nil {
			return err
		}
		out = receipt(m, in)
		return s.deliver(q, m)
	})
	return out, err
}

// deliver puts messages into a queue.
func (s *Server) deliver(q *queue, messages ...*message) error {
	records := make([]record, len(messages))
	for i, m := range messages {
		records[i] = record{Op: opSend, Queue: q.name, Message: m}
	}
	if err := s.write(records...); err != nil {
		return err
	}
	for _, m := range messages {
		q.add(m, m.Sent)
	}
	return nil
}

var groupID = regexp.MustCompile(`^[\x21-\x7e]{1,128}$`)

// compose makes a message of what was sent, or says why SQS would not take it.
func (q *queue) compose(in sendInput, now time.Time) (*message, error) {
	delay := q.number("DelaySeconds")
	if in.DelaySeconds != nil {
		delay = *in.DelaySeconds
	}
	switch {
	case in.MessageBody == "":
		return nil, missing("MessageBody")
	case delay < 0 || delay > bounds["DelaySeconds"].most:
		return nil, invalid(fmt.Sprintf("Value %d for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.", delay))
	case in.size() > q.number("MaximumMessageSize"):
		return nil, invalid(fmt.Sprintf("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", q.number("MaximumMessageSize")))
	case !allowed(in.MessageBody):
		return nil, fail("InvalidMessageContents", "", "The message contains characters outside the allowed set.")
	case in.MessageGroupId != "" && !groupID.MatchString(in.MessageGroupId):
		return nil, invalid("Value for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.")
	case len(in.MessageAttributes) > 10:
		return nil, invalid("Number of message attributes exceeds the allowed maximum [10].")
	}
	for name, a := range in.MessageAttributes {
		kind, _, _ := strings.Cut(a.DataType, ".")
		if (kind != "String" && kind != "Number" && kind != "Binary") || (kind == "Binary") != (len(a.BinaryValue) > 0) || (kind == "Binary") != (a.StringValue == "") {
			return nil, invalid("The message attribute '" + name + "' has an invalid type or no value of its type.")
		}
	}
	for name := range in.MessageSystemAttributes {
		if name != "AWSTraceHeader" {
			return nil, invalid("Message system attribute name '" + name + "' is invalid.")
		}
	}
	m := &message{
		ID: uuid.NewString(), Body: in.MessageBody, Attributes: in.MessageAttributes, Group: in.MessageGroupId,
		Trace: in.MessageSystemAttributes["AWSTraceHeader"].StringValue, Sent: now,
	}
	if delay > 0 {
		m.Until = now.Add(time.Duration(delay) * time.Second)
	}
	return m, nil
}

// size is what SQS counts: the body and the attributes' names, types and
// values.
func (in *sendInput) size() int {
	n := len(in.MessageBody)
	for name, a := range in.MessageAttributes {
		n += len(name) + len(a.DataType) + len(a.StringValue) + len(a.BinaryValue)
	}
	return n
}

// allowed reports whether XML 1.0 could carry the text, which SQS demands.
func allowed(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\uFFFE' || r == '\uFFFF'
	})
}

func receipt(m *message, in sendInput) sendOutput {
	return sendOutput{
		ID: in.ID, MessageId: m.ID, MD5OfMessageBody: bodyMD5(m.Body),
		MD5OfMessageAttributes: attributesMD5(m.Attributes), MD5OfMessageSystemAttributes: attributesMD5(in.MessageSystemAttributes),
	}
}

func bodyMD5(body string) string {
	sum := md5.Sum([]byte(body)) // #nosec G401 -- see the import
	return hex.EncodeToString(sum[:])
}

// attributesMD5 is the checksum that SDKs compare: names in order, each with
// its type and value, lengths before them.
func attributesMD5(attributes map[string]attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	h := md5.New() // #nosec G401 -- see the import
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		hashText(h, name)
		hashText(h, a.DataType)
		if len(a.BinaryValue) > 0 {
			h.Write([]byte{2})
			hashText(h, string(a.BinaryValue))
		} else {
			h.Write([]byte{1})
			hashText(h, a.StringValue)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func hashText(h hash.Hash, text string) {
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(text)))) // #nosec G115 -- bounded by the size of a message
	h.Write([]byte(text))
}

type sendBatchInput struct {
	QueueUrl string
	Entries  []sendInput
}

func (s *Server) sendMessageBatch(_ context.Context, in sendBatchInput) (out batchOutput[sendOutput], err error) {
	err = s.with(in.QueueUrl, func(q *queue) error {
		size := 0
		for _, e := range in.Entries {
			size += e.size()
		}
		if size > bounds["MaximumMessageSize"].most {
			return fail("BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong", "Batch requests cannot be longer than 1048576 bytes.")
		}
		var messages []*message
		now := time.Now().UTC()
		out, err = batch(in.Entries, func(e sendInput) string { return e.ID }, func(e sendInput) (sendOutput, error) {
			m, err := q.compose(e, now)
			if err != nil {
				return sendOutput{}, err
			}
			messages = append(messages, m)
			return receipt(m, e), nil
		})
		if err != nil {
			return err
		}
		return s.deliver(q, messages...)
	})
	return out, err
}

// batchOutput is the answer to a batch, entry by entry.
type batchOutput[T any] struct {
	Successful []T
	Failed     []batchError
}

type batchError struct {
	ID          string `json:"Id"`
	Code        string
	Message     string
	SenderFault bool
}

var entryID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// batch does each entry of a batch. A batch that SQS would refuse as a whole is
// an error.
func batch[In, Out any](entries []In, id func(In) string, do func(In) (Out, error)) (batchOutput[Out], error) {
	const prefix = "AWS.SimpleQueueService."
	out := batchOutput[Out]{Successful: []Out{}, Failed: []batchError{}}
	seen := map[string]bool{}
	switch {
	case len(entries) == 0:
		return out, fail("EmptyBatchRequest", prefix+"EmptyBatchRequest", "There should be at least one entry in the batch request.")
	case len(entries) > 10:
		return out, fail("TooManyEntriesInBatchRequest", prefix+"TooManyEntriesInBatchRequest", fmt.Sprintf("Maximum number of entries per request are 10. You have sent %d.", len(entries)))
	}
	for _, e := range entries {
		if !entryID.MatchString(id(e)) {
			return out, fail("InvalidBatchEntryId", prefix+"InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		}
		if seen[id(e)] {
			return out, fail("BatchEntryIdsNotDistinct", prefix+"BatchEntryIdsNotDistinct", "Id "+id(e)+" repeated.")
		}
		seen[id(e)] = true
	}
	for _, e := range entries {
		done, err := do(e)
		if err == nil {
			out.Successful = append(out.Successful, done)
			continue
		}
		refused, ok := errors.AsType[*awsjson.Error](err)
		if !ok {
			return out, err
		}
		code := cmp.Or(refused.Query, refused.Code)
		out.Failed = append(out.Failed, batchError{ID: id(e), Code: code, Message: refused.Message, SenderFault: true})
	}
	return out, nil
}
