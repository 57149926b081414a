package sqs_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/loopback"
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

func TestMessageIsInFlightUntilDeleted(t *testing.T) {
	bubble(t, func(t *testing.T, q queues) {
		url := q.create("q", map[string]string{"VisibilityTimeout": "30"})
		q.send(url, "a")
		first := q.receive(url, 10)
		same(t, "first receive", bodies(first), []string{"a"})
		same(t, "counts", q.counts(url), [3]string{"0", "1", "0"})
		pass(29 * time.Second)
		same(t, "receive while in flight", bodies(q.receive(url, 10)), []string(nil))
		pass(time.Second)
		again := q.receive(url, 10)
		same(t, "receive after the timeout", bodies(again), []string{"a"})
		same(t, "receive count", again[0].Attributes["ApproximateReceiveCount"], "2")
		q.remove(url, first...) // an older handle deletes nothing
		same(t, "counts", q.counts(url), [3]string{"0", "1", "0"})
		q.remove(url, again...)
		q.remove(url, again...) // twice is no error
		same(t, "counts", q.counts(url), [3]string{"0", "0", "0"})
	})
}

func TestDeletingAfterTheTimeoutDeletes(t *testing.T) {
	bubble(t, func(t *testing.T, q queues) {
		url := q.create("q", nil)
		q.send(url, "a")
		m := q.receive(url, 1)
		pass(time.Hour)
		q.remove(url, m...)
		same(t, "counts", q.counts(url), [3]string{"0", "0", "0"})
	})
}

func TestVisibilityIsExtendedAndEnded(t *testing.T) {
	bubble(t, func(t *testing.T, q queues) {
		url := q.create("q", nil)
		q.send(url, "a")
		m := q.receive(url, 1)[0]
		pass(20 * time.Second)
		if err := q.hide(url, m, 60); err != nil {
			t.Fatal(err)
		}
		pass(59 * time.Second)
		same(t, "extended", len(q.receive(url, 1)), 0)
		if err := q.hide(url, m, 0); err != nil {
			t.Fatal(err)
		}
		same(t, "ended", bodies(q.receive(url, 1)), []string{"a"})
		same(t, "older handle", code(q.hide(url, m, 0)), "AWS.SimpleQueueService.MessageNotInflight")
		m.ReceiptHandle = new("garbage")
		same(t, "garbage", code(q.hide(url, m, 0)), "ReceiptHandleIsInvalid")
	})
}

func TestLongPollWaitsForWhatComes(t *testing.T) {
	bubble(t, func(t *testing.T, q queues) {
		url := q.create("q", map[string]string{"VisibilityTimeout": "5"})
		began := time.Now()
		same(t, "nothing came", len(q.wait(url, 1, 20)), 0)
		same(t, "waited", time.Since(began), 20*time.Second)

		go func() {
			pass(7 * time.Second)
			q.send(url, "a")
		}()
		began = time.Now()
		same(t, "sent meanwhile", bodies(q.wait(url, 1, 20)), []string{"a"})
		same(t, "waited", time.Since(began), 7*time.Second)

		began = time.Now()
		same(t, "visible again meanwhile", bodies(q.wait(url, 1, 20)), []string{"a"})
		same(t, "waited", time.Since(began), 5*time.Second)

		m := q.wait(url, 1, 20)[0]
		go func() {
			pass(time.Second)
			if err := q.hide(url, m, 2); err != nil {
				t.Error(err)
			}
		}()
		began = time.Now()
		same(t, "hidden for less meanwhile", bodies(q.wait(url, 1, 20)), []string{"a"})
		same(t, "waited", time.Since(began), 3*time.Second)
	})
}

func TestDelayedMessageComesLater(t *testing.T) {
	bubble(t, func(t *testing.T, q queues) {
		url := q.create("q", map[string]string{"DelaySeconds": "10"})
		q.send(url, "queue's delay")
		_, err := q.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: &url, MessageBody: new("own delay"), DelaySeconds: 3})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "counts", q.counts(url), [3]string{"0", "0", "2"})
		began := time.Now()
		same(t, "first", bodies(q.wait(url, 1, 20)), []string{"own delay"})
		same(t, "waited", time.Since(began), 3*time.Second)
		same(t, "second", bodies(q.wait(url, 1, 20)), []string{"queue's delay"})
		same(t, "waited", time.Since(began), 10*time.Second)
	})
}

func TestOldMessagesExpire(t *testing.T) {
	bubble(t, func(t *testing.T, q queues) {
		url := q.create("q", map[string]string{"MessageRetentionPeriod": "60"})
		q.send(url, "old")
		q.receive(url, 1)
		pass(59 * time.Second)
		q.send(url, "new")
		same(t, "before", q.counts(url), [3]string{"2", "0", "0"})
		pass(time.Second)
		same(t, "after", bodies(q.receive(url, 10)), []string{"new"})
	})
}

func TestFailedMessagesGoToTheDeadLetterQueueAndBack(t *testing.T) {
	bubble(t, func(t *testing.T, q queues) {
		dead := q.create("dead", nil)
		arn := q.attributes(dead)["QueueArn"]
		url := q.create("q", map[string]string{
			"VisibilityTimeout": "0", "RedrivePolicy": `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":2}`,
		})
		q.send(url, "poison")
		for range 2 {
			same(t, "receive", bodies(q.receive(url, 1)), []string{"poison"})
		}
		same(t, "third receive", len(q.receive(url, 1)), 0)
		same(t, "dead letters", q.counts(dead), [3]string{"1", "0", "0"})
		m := q.receive(dead, 1)[0]
		same(t, "source", m.Attributes["DeadLetterQueueSourceArn"], q.attributes(url)["QueueArn"])
		if err := q.hide(dead, m, 0); err != nil {
			t.Fatal(err)
		}

		sources, err := q.ListDeadLetterSourceQueues(t.Context(), &awssqs.ListDeadLetterSourceQueuesInput{QueueUrl: &dead})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "sources", sources.QueueUrls, []string{url})

		if _, err := q.StartMessageMoveTask(t.Context(), &awssqs.StartMessageMoveTaskInput{SourceArn: &arn}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		tasks, err := q.ListMessageMoveTasks(t.Context(), &awssqs.ListMessageMoveTasksInput{SourceArn: &arn})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "status", *tasks.Results[0].Status, "COMPLETED")
		same(t, "moved", tasks.Results[0].ApproximateNumberOfMessagesMoved, int64(1))
		back := q.receive(url, 1)
		same(t, "moved back", bodies(back), []string{"poison"})
		same(t, "receive count", back[0].Attributes["ApproximateReceiveCount"], "1")

		_, err = q.StartMessageMoveTask(t.Context(), &awssqs.StartMessageMoveTaskInput{SourceArn: new(q.attributes(url)["QueueArn"])})
		same(t, "move from a queue that is no dead-letter queue", code(err), "InvalidParameterValue")
	})
}

func TestMoveTaskKeepsItsPaceAndIsCancelled(t *testing.T) {
	bubble(t, func(t *testing.T, q queues) {
		dead := q.create("dead", nil)
		arn := q.attributes(dead)["QueueArn"]
		url := q.create("q", map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":"1"}`})
		for range 5 {
			q.send(dead, "x")
		}
		task, err := q.StartMessageMoveTask(t.Context(), &awssqs.StartMessageMoveTaskInput{
			SourceArn: &arn, DestinationArn: new(q.attributes(url)["QueueArn"]), MaxNumberOfMessagesPerSecond: aws.Int32(1),
		})
		if err != nil {
			t.Fatal(err)
		}
		pass(2500 * time.Millisecond)
		out, err := q.CancelMessageMoveTask(t.Context(), &awssqs.CancelMessageMoveTaskInput{TaskHandle: task.TaskHandle})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "moved", out.ApproximateNumberOfMessagesMoved, int64(3))
		pass(time.Minute)
		same(t, "left", q.counts(dead), [3]string{"2", "0", "0"})
	})
}

func TestQuietGroupIsNotHeldUpByANoisyOne(t *testing.T) {
	bubble(t, func(t *testing.T, q queues) {
		url := q.create("q", nil)
		for _, group := range []string{"noisy", "noisy", "noisy", "noisy", "quiet"} {
			in := &awssqs.SendMessageInput{QueueUrl: &url, MessageBody: &group, MessageGroupId: &group}
			if _, err := q.SendMessage(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
		got := q.receive(url, 3)
		same(t, "order", bodies(got), []string{"noisy", "quiet", "noisy"})
		same(t, "group", got[1].Attributes["MessageGroupId"], "quiet")
	})
}

func TestMessageCarriesItsAttributes(t *testing.T) {
	bubble(t, func(t *testing.T, q queues) {
		url := q.create("q", nil)
		sent := map[string]types.MessageAttributeValue{
			"app.kind": {DataType: new("String"), StringValue: new("run")},
			"app.n":    {DataType: new("Number"), StringValue: new("7")},
			"raw":      {DataType: new("Binary.x"), BinaryValue: []byte{0, 1}},
		}
		out, err := q.SendMessage(t.Context(), &awssqs.SendMessageInput{
			QueueUrl: &url, MessageBody: new("körper"), MessageAttributes: sent,
			MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{
				"AWSTraceHeader": {DataType: new("String"), StringValue: new("Root=1-2")},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		got := q.receive(url, 1)[0]
		same(t, "attributes", len(got.MessageAttributes), 3)
		same(t, "binary", got.MessageAttributes["raw"].BinaryValue, []byte{0, 1})
		same(t, "checksum", *got.MD5OfMessageAttributes, *out.MD5OfMessageAttributes)
		same(t, "trace", got.Attributes["AWSTraceHeader"], "Root=1-2")
		if got.Attributes["SentTimestamp"] == "" || got.Attributes["SentTimestamp"] != got.Attributes["ApproximateFirstReceiveTimestamp"] {
			t.Errorf("timestamps %v at %v", got.Attributes, now)
		}
		if err := q.hide(url, got, 0); err != nil {
			t.Fatal(err)
		}
		some, err := q.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: &url, MessageAttributeNames: []string{"app.*"}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "asked for two", len(some.Messages[0].MessageAttributes), 2)
		same(t, "asked for none", len(some.Messages[0].Attributes), 0)
	})
}

// TestAttributeChecksum uses a value computed by hand as the developer guide
// says: md5 of length, name, length, type, 1, length, value.
func TestAttributeChecksum(t *testing.T) {
	bubble(t, func(t *testing.T, q queues) {
		url := q.create("q", nil)
		out, err := q.SendMessage(t.Context(), &awssqs.SendMessageInput{
			QueueUrl: &url, MessageBody: new("x"),
			MessageAttributes: map[string]types.MessageAttributeValue{"k": {DataType: new("String"), StringValue: new("v")}},
		})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "checksum", *out.MD5OfMessageAttributes, "0a77b0642718c3d9dd47090567d11e0d")
	})
}

func TestBatchesAnswerEntryByEntry(t *testing.T) {
	bubble(t, func(t *testing.T, q queues) {
		url := q.create("q", nil)
		sent, err := q.SendMessageBatch(t.Context(), &awssqs.SendMessageBatchInput{QueueUrl: &url, Entries: []types.SendMessageBatchRequestEntry{
			{Id: new("1"), MessageBody: new("a")},
			{Id: new("2"), MessageBody: new("bad \x01")},
			{Id: new("3"), MessageBody: new("c"), MessageGroupId: new("g")},
		}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "sent", len(sent.Successful), 2)
		same(t, "refused", *sent.Failed[0].Id+" "+*sent.Failed[0].Code, "2 InvalidMessageContents")
		got := q.receive(url, 10)
		same(t, "received", bodies(got), []string{"a", "c"})

		hidden, err := q.ChangeMessageVisibilityBatch(t.Context(), &awssqs.ChangeMessageVisibilityBatchInput{QueueUrl: &url, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
			{Id: new("1"), ReceiptHandle: got[0].ReceiptHandle, VisibilityTimeout: 0},
			{Id: new("2"), ReceiptHandle: new("garbage"), VisibilityTimeout: 0},
		}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "hidden", [2]int{len(hidden.Successful), len(hidden.Failed)}, [2]int{1, 1})
		same(t, "counts", q.counts(url), [3]string{"1", "1", "0"})

		deleted, err := q.DeleteMessageBatch(t.Context(), &awssqs.DeleteMessageBatchInput{QueueUrl: &url, Entries: []types.DeleteMessageBatchRequestEntry{
			{Id: new("1"), ReceiptHandle: got[0].ReceiptHandle},
			{Id: new("2"), ReceiptHandle: got[1].ReceiptHandle},
			{Id: new("3"), ReceiptHandle: new("garbage")},
		}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "deleted", [2]int{len(deleted.Successful), len(deleted.Failed)}, [2]int{2, 1})
		same(t, "counts", q.counts(url), [3]string{"0", "0", "0"})
	})
}

func TestQueuesAreMadeFoundAndRemoved(t *testing.T) {
	bubble(t, func(t *testing.T, q queues) {
		url := q.create("jobs-1", map[string]string{"VisibilityTimeout": "7"})
		q.create("other", nil)
		same(t, "same again", q.create("jobs-1", map[string]string{"VisibilityTimeout": "7"}), url)
		_, err := q.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: new("jobs-1"), Attributes: map[string]string{"VisibilityTimeout": "8"}})
		if _, ok := errors.AsType[*types.QueueNameExists](err); !ok {
			t.Errorf("other attributes got %v", err)
		}
		got, err := q.GetQueueUrl(t.Context(), &awssqs.GetQueueUrlInput{QueueName: new("jobs-1")})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "url", *got.QueueUrl, url)
		list, err := q.ListQueues(t.Context(), &awssqs.ListQueuesInput{QueueNamePrefix: new("jobs")})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "list", list.QueueUrls, []string{url})
		var all []string
		for p := awssqs.NewListQueuesPaginator(q, &awssqs.ListQueuesInput{MaxResults: aws.Int32(1)}); p.HasMorePages(); {
			page, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, page.QueueUrls...)
		}
		same(t, "pages", len(all), 2)

		if _, err := q.TagQueue(t.Context(), &awssqs.TagQueueInput{QueueUrl: &url, Tags: map[string]string{"a": "1", "b": "2"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := q.UntagQueue(t.Context(), &awssqs.UntagQueueInput{QueueUrl: &url, TagKeys: []string{"a"}}); err != nil {
			t.Fatal(err)
		}
		tags, err := q.ListQueueTags(t.Context(), &awssqs.ListQueueTagsInput{QueueUrl: &url})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "tags", tags.Tags, map[string]string{"b": "2"})

		set := &awssqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: map[string]string{"VisibilityTimeout": "9"}}
		if _, err := q.SetQueueAttributes(t.Context(), set); err != nil {
			t.Fatal(err)
		}
		same(t, "attribute", q.attributes(url)["VisibilityTimeout"], "9")

		q.send(url, "a")
		if _, err := q.PurgeQueue(t.Context(), &awssqs.PurgeQueueInput{QueueUrl: &url}); err != nil {
			t.Fatal(err)
		}
		same(t, "purged", q.counts(url), [3]string{"0", "0", "0"})

		if _, err := q.DeleteQueue(t.Context(), &awssqs.DeleteQueueInput{QueueUrl: &url}); err != nil {
			t.Fatal(err)
		}
		_, err = q.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: &url})
		if _, ok := errors.AsType[*types.QueueDoesNotExist](err); !ok {
			t.Errorf("a deleted queue got %v", err)
		}
		same(t, "code", code(err), "AWS.SimpleQueueService.NonExistentQueue")
	})
}

func TestWrongInputIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T, q queues) {
		url := q.create("q", map[string]string{"MaximumMessageSize": "1024"})
		send := func(in awssqs.SendMessageInput) error {
			in.QueueUrl = &url
			_, err := q.SendMessage(t.Context(), &in)
			return err
		}
		create := func(name string, attributes map[string]string) error {
			_, err := q.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
			return err
		}
		batch := func(ids ...string) error {
			in := &awssqs.SendMessageBatchInput{QueueUrl: &url, Entries: []types.SendMessageBatchRequestEntry{}}
			for _, id := range ids {
				in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{Id: &id, MessageBody: new("x")})
			}
			_, err := q.SendMessageBatch(t.Context(), in)
			return err
		}
		receive := func(n int32) error {
			_, err := q.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: n})
			return err
		}
		const prefix = "AWS.SimpleQueueService."
		for name, test := range map[string]struct {
			err  error
			want string
		}{
			"empty body":        {send(awssqs.SendMessageInput{MessageBody: new("")}), "MissingParameter"},
			"long body":         {send(awssqs.SendMessageInput{MessageBody: new(strings.Repeat("x", 1025))}), "InvalidParameterValue"},
			"control character": {send(awssqs.SendMessageInput{MessageBody: new("\x00")}), "InvalidMessageContents"},
			"long delay":        {send(awssqs.SendMessageInput{MessageBody: new("x"), DelaySeconds: 901}), "InvalidParameterValue"},
			"group with space":  {send(awssqs.SendMessageInput{MessageBody: new("x"), MessageGroupId: new("a b")}), "InvalidParameterValue"},
			"attribute type": {send(awssqs.SendMessageInput{MessageBody: new("x"), MessageAttributes: map[string]types.MessageAttributeValue{
				"a": {DataType: new("Date"), StringValue: new("x")},
			}}), "InvalidParameterValue"},
			"FIFO":              {create("q.fifo", map[string]string{"FifoQueue": "true"}), "InvalidParameterValue"},
			"FIFO attribute":    {create("r", map[string]string{"FifoQueue": "true"}), prefix + "UnsupportedOperation"},
			"attribute's name":  {create("r", map[string]string{"Colour": "red"}), "InvalidAttributeName"},
			"attribute's value": {create("r", map[string]string{"VisibilityTimeout": "43201"}), "InvalidAttributeValue"},
			"no such dead-letter queue": {create("r", map[string]string{
				"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:none","maxReceiveCount":3}`,
			}), "InvalidAttributeValue"},
			"empty batch":    {batch(), prefix + "EmptyBatchRequest"},
			"large batch":    {batch(strings.Split("abcdefghijk", "")...), prefix + "TooManyEntriesInBatchRequest"},
			"same ids":       {batch("a", "a"), prefix + "BatchEntryIdsNotDistinct"},
			"id":             {batch("a b"), prefix + "InvalidBatchEntryId"},
			"eleven at once": {receive(11), "InvalidParameterValue"},
		} {
			if got := code(test.err); got != test.want {
				t.Errorf("%s: got %q (%v), want %q", name, got, test.err, test.want)
			}
		}
	})
}

func TestOverTheNetworkWithManyConsumersEachMessageComesOnce(t *testing.T) {
	t.Parallel()
	s, err := sqs.New(sqs.Options{Dir: t.TempDir(), Region: "eu-central-1", Account: "123456789012"})
	if err != nil {
		t.Fatal(err)
	}
	srv, err := loopback.Serve("127.0.0.1:0", s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(s.Close(), srv.Close()) })
	q := queues{awssqs.New(awssqs.Options{
		Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), BaseEndpoint: &srv.URL,
	}), t}
	url := q.create("q", nil)
	same(t, "url", url, srv.URL+"/123456789012/q")
	same(t, "arn", q.attributes(url)["QueueArn"], "arn:aws:sqs:eu-central-1:123456789012:q")

	const messages, consumers = 300, 8
	got := make(chan string, messages)
	for range consumers {
		go func() {
			for {
				out, err := q.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 5, WaitTimeSeconds: 20})
				if err != nil {
					return // the test is over
				}
				for _, m := range out.Messages {
					if _, err := q.DeleteMessage(t.Context(), &awssqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle}); err != nil {
						t.Error(err)
					}
					got <- *m.Body
				}
			}
		}()
	}
	for i := range messages {
		q.send(url, strings.Repeat("x", i+1))
	}
	seen := map[string]bool{}
	for range messages {
		seen[<-got] = true
	}
	same(t, "distinct messages", len(seen), messages)
	same(t, "counts", q.counts(url), [3]string{"0", "0", "0"})
}
