package sqs

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// bounds are the numeric attributes, their defaults and what SQS allows.
var bounds = map[string]struct{ usual, least, most int }{
	"DelaySeconds":                  {0, 0, 900},
	"MaximumMessageSize":            {1 << 20, 1 << 10, 1 << 20},
	"MessageRetentionPeriod":        {345_600, 60, 1_209_600},
	"ReceiveMessageWaitTimeSeconds": {0, 0, 20},
	"VisibilityTimeout":             {30, 0, 43_200},
}

// kept are the attributes that are stored and change nothing here.
var kept = []string{"Policy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled", "RedriveAllowPolicy"}

func (q *queue) number(attribute string) int {
	n, err := strconv.Atoi(q.attributes[attribute])
	if err != nil {
		return bounds[attribute].usual
	}
	return n
}

func (q *queue) duration(attribute string) time.Duration {
	return time.Duration(q.number(attribute)) * time.Second
}

// redrive says where messages go that were received too often.
type redrive struct {
	Target string      `json:"deadLetterTargetArn"`
	Max    json.Number `json:"maxReceiveCount"` // SQS takes 5 and "5"
}

// redrive returns the queue's policy, if it has one.
func (q *queue) redrive() (target string, most int, ok bool) {
	var r redrive
	if json.Unmarshal([]byte(q.attributes["RedrivePolicy"]), &r) != nil {
		return "", 0, false
	}
	most, err := strconv.Atoi(r.Max.String())
	return r.Target, most, err == nil
}

// check returns an error for attributes that SQS would refuse.
func (s *Server) check(attributes map[string]string) error {
	for name, value := range attributes {
		bad := func(why string) error {
			return fail("InvalidAttributeValue", "", fmt.Sprintf("Invalid value for the parameter %s. Reason: %s", name, why))
		}
		b, numeric := bounds[name]
		switch {
		case name == "FifoQueue" || name == "ContentBasedDeduplication":
			return fail("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", "The local SQS has standard queues only.")
		case numeric:
			if n, err := strconv.Atoi(value); err != nil || n < b.least || n > b.most {
				return bad(fmt.Sprintf("Must be an integer from %d to %d.", b.least, b.most))
			}
		case name == "RedrivePolicy" && value != "":
			var r redrive
			if err := json.Unmarshal([]byte(value), &r); err != nil {
				return bad("Redrive policy is not a valid JSON map.")
			}
			if n, err := strconv.Atoi(r.Max.String()); err != nil || n < 1 || n > 1000 {
				return bad("Invalid value for maxReceiveCount, valid values are from 1 to 1000 both inclusive.")
			}
			if _, ok := s.byARN(r.Target); !ok {
				return bad("Dead letter target does not exist.")
			}
		case name != "RedrivePolicy" && !slices.Contains(kept, name):
			return fail("InvalidAttributeName", "", "Unknown Attribute "+name+".")
		}
	}
	return nil
}

type queueInput struct {
	QueueName, QueueUrl, QueueNamePrefix string
	QueueOwnerAWSAccountId               string
	Attributes, Tags                     map[string]string
	TagsLower                            map[string]string `json:"tags"` // CreateQueue spells it so
	AttributeNames, TagKeys              []string
	MaxResults                           int
	NextToken                            string
}

type urlOutput struct{ QueueUrl string }

type empty struct{}

var queueName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

func (s *Server) createQueue(ctx context.Context, in queueInput) (urlOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !queueName.MatchString(in.QueueName) {
		return urlOutput{}, invalid("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length. (The local SQS has standard queues only.)")
	}
	if err := s.check(in.Attributes); err != nil {
		return urlOutput{}, err
	}
	if q, ok := s.queues[in.QueueName]; ok {
		for name, value := range in.Attributes {
			if s.shown(q)[name] != value {
				return urlOutput{}, fail("QueueNameExists", "QueueAlreadyExists", "A queue already exists with the same name and a different value for attribute "+name)
			}
		}
		return urlOutput{s.url(ctx, q)}, nil
	}
	q := newQueue(in.QueueName, time.Now().UTC().Truncate(time.Second))
	maps.Copy(q.attributes, in.Attributes)
	maps.Copy(q.tags, in.TagsLower)
	if err := s.write(q.record()); err != nil {
		return urlOutput{}, err
	}
	s.queues[q.name] = q
	return urlOutput{s.url(ctx, q)}, nil
}

func (s *Server) deleteQueue(_ context.Context, in queueInput) (empty, error) {
	return empty{}, s.with(in.QueueUrl, func(q *queue) error {
		if err := s.write(record{Op: opDrop, Queue: q.name}); err != nil {
			return err
		}
		delete(s.queues, q.name)
		q.clear()
		q.notify()
		return nil
	})
}

func (s *Server) purgeQueue(_ context.Context, in queueInput) (empty, error) {
	return empty{}, s.with(in.QueueUrl, func(q *queue) error {
		if err := s.write(record{Op: opPurge, Queue: q.name}); err != nil {
			return err
		}
		q.clear()
		return nil
	})
}

func (s *Server) getQueueURL(ctx context.Context, in queueInput) (out urlOutput, err error) {
	err = s.with("/"+in.QueueName, func(q *queue) error {
		out.QueueUrl = s.url(ctx, q)
		return nil
	})
	return out, err
}

type listOutput struct {
	QueueUrls []string
	NextToken string `json:",omitempty"`
}

func (s *Server) listQueues(ctx context.Context, in queueInput) (listOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list(ctx, in, func(q *queue) bool { return strings.HasPrefix(q.name, in.QueueNamePrefix) }), nil
}

type sourcesOutput struct {
	QueueURLs []string `json:"queueUrls"`
	NextToken string   `json:",omitempty"`
}

func (s *Server) listDeadLetterSourceQueues(ctx context.Context, in queueInput) (out sourcesOutput, err error) {
	err = s.with(in.QueueUrl, func(target *queue) error {
		l := s.list(ctx, in, func(q *queue) bool { return s.feeds(q, target) })
		out = sourcesOutput{l.QueueUrls, l.NextToken}
		return nil
	})
	return out, err
}

// feeds reports whether q's failed messages go to target.
func (s *Server) feeds(q, target *queue) bool {
	arn, _, ok := q.redrive()
	return ok && arn == s.arn(target.name)
}

// list returns a page of the queues that match, by name; the token is the last
// name of the page before.
func (s *Server) list(ctx context.Context, in queueInput, match func(*queue) bool) listOutput {
	out := listOutput{QueueUrls: []string{}}
	var last string
	for _, name := range slices.Sorted(maps.Keys(s.queues)) {
		if name <= in.NextToken || !match(s.queues[name]) {
			continue
		}
		if in.MaxResults > 0 && len(out.QueueUrls) == in.MaxResults {
			out.NextToken = last
			break
		}
		last = name
		out.QueueUrls = append(out.QueueUrls, s.url(ctx, s.queues[name]))
	}
	return out
}

// with runs f on a queue under the lock.
func (s *Server) with(url string, f func(*queue) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queue(url, time.Now())
	if err != nil {
		return err
	}
	return f(q)
}
