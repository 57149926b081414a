package sqs_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/sqs"
)

// direct hands requests to a handler without a network, so that time in a
// synctest bubble can pass.
type direct struct{ http.Handler }

func (d direct) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

// queues is a client of a server, for tests.
type queues struct {
	*awssqs.Client
	t *testing.T
}

func serve(t *testing.T, h http.Handler) queues {
	return queues{awssqs.New(awssqs.Options{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		BaseEndpoint: new("http://127.0.0.1:1"), HTTPClient: direct{h}, Retryer: aws.NopRetryer{},
	}), t}
}

func open(t *testing.T, dir string) queues {
	t.Helper()
	s, err := sqs.New(sqs.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // some tests close it themselves
	return serve(t, s)
}

func (q queues) create(name string, attributes map[string]string) string {
	q.t.Helper()
	out, err := q.CreateQueue(q.t.Context(), &awssqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		q.t.Fatal(err)
	}
	return *out.QueueUrl
}

func (q queues) send(url, body string) {
	q.t.Helper()
	if _, err := q.SendMessage(q.t.Context(), &awssqs.SendMessageInput{QueueUrl: &url, MessageBody: &body}); err != nil {
		q.t.Fatal(err)
	}
}

// receive takes at most n messages without waiting.
func (q queues) receive(url string, n int32) []types.Message {
	q.t.Helper()
	return q.wait(url, n, 0)
}

func (q queues) wait(url string, n, seconds int32) []types.Message {
	q.t.Helper()
	out, err := q.ReceiveMessage(q.t.Context(), &awssqs.ReceiveMessageInput{
		QueueUrl: &url, MaxNumberOfMessages: n, WaitTimeSeconds: seconds,
		MessageAttributeNames:       []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil {
		q.t.Fatal(err)
	}
	return out.Messages
}

func (q queues) hide(url string, m types.Message, seconds int32) error {
	_, err := q.ChangeMessageVisibility(q.t.Context(), &awssqs.ChangeMessageVisibilityInput{
		QueueUrl: &url, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: seconds,
	})
	return err
}

func (q queues) remove(url string, messages ...types.Message) {
	q.t.Helper()
	for _, m := range messages {
		if _, err := q.DeleteMessage(q.t.Context(), &awssqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle}); err != nil {
			q.t.Fatal(err)
		}
	}
}

func (q queues) attributes(url string) map[string]string {
	q.t.Helper()
	out, err := q.GetQueueAttributes(q.t.Context(), &awssqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		q.t.Fatal(err)
	}
	return out.Attributes
}

// counts are the messages that are visible, in flight and delayed.
func (q queues) counts(url string) [3]string {
	a := q.attributes(url)
	return [3]string{
		a["ApproximateNumberOfMessages"], a["ApproximateNumberOfMessagesNotVisible"], a["ApproximateNumberOfMessagesDelayed"],
	}
}

func bodies(messages []types.Message) []string {
	var out []string
	for _, m := range messages {
		out = append(out, *m.Body)
	}
	return out
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(got, want); d != "" {
		t.Errorf("%s (-got +want):\n%s", what, d)
	}
}

func code(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

// bubble runs a test whose time passes only while everything waits.
func bubble(t *testing.T, f func(*testing.T, queues)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { f(t, open(t, "")) })
}

// pass lets time pass in a bubble, which takes none outside of it.
func pass(d time.Duration) { <-time.After(d) }
