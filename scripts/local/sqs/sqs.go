// Package sqs is the local cloud's Simple Queue Service: standard queues with
// message groups, dead-letter queues and everything that a worker's loop
// depends on. There are no FIFO queues.
//
// State is one journal to which each change is appended before it is answered,
// so kill -9 loses nothing that was acknowledged; only the machine's own crash
// may, for nothing is synced. What was in flight when the process ended is
// visible again when it starts, with its receive count. Move tasks end with
// the process and leave the rest where it was.
//
// Where messages have groups, the group with the least in flight is served
// first, which is how fair queues keep a noisy tenant from delaying others.
// Requests must be signed, but signatures are not checked: see awsjson. A
// purged queue may be purged again at once.
package sqs

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"coffer/scripts/local/awsjson"
)

// Options says where queues live and what they are called.
type Options struct {
	Dir     string // state; empty keeps queues in memory
	Region  string // part of the queues' ARNs; us-east-1 if empty
	Account string // twelve digits, part of ARNs and URLs; zeros if empty
}

// Server is the service, an http.Handler. A queue's URL is the address that it
// was asked for at, with the account and the queue's name for a path.
type Server struct {
	operations      http.Handler
	region, account string
	closed          chan struct{}

	mu      sync.Mutex
	queues  map[string]*queue
	journal *journal // nil in memory
	moves   []*move
}

// New opens the service's state. One process at a time may do that.
func New(o Options) (*Server, error) {
	s := &Server{
		region: cmp.Or(o.Region, "us-east-1"), account: cmp.Or(o.Account, "000000000000"),
		closed: make(chan struct{}), queues: map[string]*queue{},
	}
	if o.Dir != "" {
		if err := os.MkdirAll(o.Dir, 0o700); err != nil {
			return nil, err
		}
		var err error
		if s.journal, err = s.replay(filepath.Join(o.Dir, "queues.journal")); err != nil {
			return nil, err
		}
	}
	s.operations = &awsjson.Handler{Version: "1.0", Target: "AmazonSQS", Operations: map[string]awsjson.Operation{
		"CreateQueue":                  awsjson.Op(s.createQueue),
		"DeleteQueue":                  awsjson.Op(s.deleteQueue),
		"GetQueueUrl":                  awsjson.Op(s.getQueueURL),
		"ListQueues":                   awsjson.Op(s.listQueues),
		"GetQueueAttributes":           awsjson.Op(s.getQueueAttributes),
		"SetQueueAttributes":           awsjson.Op(s.setQueueAttributes),
		"ListQueueTags":                awsjson.Op(s.listQueueTags),
		"TagQueue":                     awsjson.Op(s.tagQueue),
		"UntagQueue":                   awsjson.Op(s.untagQueue),
		"PurgeQueue":                   awsjson.Op(s.purgeQueue),
		"SendMessage":                  awsjson.Op(s.sendMessage),
		"SendMessageBatch":             awsjson.Op(s.sendMessageBatch),
		"ReceiveMessage":               awsjson.Op(s.receiveMessage),
		"DeleteMessage":                awsjson.Op(s.deleteMessage),
		"DeleteMessageBatch":           awsjson.Op(s.deleteMessageBatch),
		"ChangeMessageVisibility":      awsjson.Op(s.changeMessageVisibility),
		"ChangeMessageVisibilityBatch": awsjson.Op(s.changeMessageVisibilityBatch),
		"ListDeadLetterSourceQueues":   awsjson.Op(s.listDeadLetterSourceQueues),
		"StartMessageMoveTask":         awsjson.Op(s.startMessageMoveTask),
		"ListMessageMoveTasks":         awsjson.Op(s.listMessageMoveTasks),
		"CancelMessageMoveTask":        awsjson.Op(s.cancelMessageMoveTask),
	}}
	return s, nil
}

// Close ends waiting receives and the journal. The server must not be used
// after it.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.closed)
	if s.journal == nil {
		return nil
	}
	return s.journal.file.Close()
}

type hostKey struct{}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.operations.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), hostKey{}, r.Host)))
}

func (s *Server) url(ctx context.Context, q *queue) string {
	host, _ := ctx.Value(hostKey{}).(string)
	return "http://" + host + "/" + s.account + "/" + q.name
}

func (s *Server) arn(name string) string {
	return strings.Join([]string{"arn:aws:sqs", s.region, s.account, name}, ":")
}

// queue returns the queue of a URL, tidied. The caller holds the lock.
func (s *Server) queue(url string, now time.Time) (*queue, error) {
	if url == "" {
		return nil, missing("QueueUrl")
	}
	q, ok := s.queues[url[strings.LastIndexByte(url, '/')+1:]]
	if !ok {
		return nil, fail("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
	}
	return q, s.tidy(q, now)
}

// byARN returns the queue of an ARN, if it is one of ours.
func (s *Server) byARN(arn string) (*queue, bool) {
	name, ok := strings.CutPrefix(arn, s.arn(""))
	q, found := s.queues[name]
	return q, ok && found
}

func (s *Server) tidy(q *queue, now time.Time) error {
	var gone []record
	for _, m := range q.tidy(now) {
		gone = append(gone, record{Op: opDelete, Queue: q.name, ID: m.ID})
	}
	return s.write(gone...)
}

// write puts records into the journal, all or none. The caller changes the
// queues after it, and only if it succeeds.
func (s *Server) write(records ...record) error {
	select {
	case <-s.closed:
		return errors.New("the local SQS is stopping")
	default:
	}
	if s.journal == nil || len(records) == 0 {
		return nil
	}
	live := 0
	for _, q := range s.queues {
		live += 1 + len(q.messages)
	}
	if s.journal.records > 2*live+compactAfter {
		if err := s.journal.compact(s.snapshot()); err != nil {
			return err
		}
	}
	return s.journal.append(records)
}

// fail returns an error of the service; query is its code in the older
// protocol, which SDKs still report, where that differs.
func fail(code, query, message string) error {
	return &awsjson.Error{Code: "com.amazonaws.sqs#" + code, Query: cmp.Or(query, code), Message: message}
}

func missing(parameter string) error {
	return fail("MissingParameter", "", "The request must contain the parameter "+parameter+".")
}

func invalid(message string) error { return fail("InvalidParameterValue", "", message) }
