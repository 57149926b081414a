package trigger_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/loopback"
	"coffer/scripts/local/sqs"
	"coffer/scripts/local/trigger"
)

// poll starts a queue with messages and polls it with q's settings until the
// test ends. It returns the client and the queue's address.
func poll(t *testing.T, q trigger.Queue, bodies ...string) (*awssqs.Client, string) {
	t.Helper()
	service, err := sqs.New(sqs.Options{Region: "eu-central-1"})
	if err != nil {
		t.Fatal(err)
	}
	server, err := loopback.Serve("127.0.0.1:0", service)
	if err != nil {
		t.Fatal(err)
	}
	client := awssqs.New(awssqs.Options{
		BaseEndpoint: &server.URL, Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	})
	made, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: aws.String("q")})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bodies {
		if _, err := client.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: made.QueueUrl, MessageBody: &b}); err != nil {
			t.Fatal(err)
		}
	}
	q.Client, q.URL, q.ARN, q.Region = client, *made.QueueUrl, "arn:aws:sqs:eu-central-1:000000000000:q", "eu-central-1"
	if q.Failed == nil {
		q.Failed = func(err error) { t.Error(err) }
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		q.Run(ctx)
		close(ended)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		_ = server.Close()
		_ = service.Close()
	})
	return client, *made.QueueUrl
}

// left returns how many messages the queue still has.
func left(t *testing.T, client *awssqs.Client, url string) string {
	t.Helper()
	out, err := client.GetQueueAttributes(t.Context(), &awssqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s waiting, %s in flight", out.Attributes["ApproximateNumberOfMessages"], out.Attributes["ApproximateNumberOfMessagesNotVisible"])
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func TestMessagesReachTheFunctionAndLeaveTheQueue(t *testing.T) {
	t.Parallel()
	got := make(chan events.SQSEvent, 1)
	client, url := poll(t, trigger.Queue{Batch: 10, Concurrency: 1, Invoke: func(_ context.Context, event []byte) ([]byte, error) {
		var e events.SQSEvent
		if err := json.Unmarshal(event, &e); err != nil {
			t.Error(err)
		}
		got <- e
		return nil, nil
	}}, "hello")
	m := (<-got).Records[0]
	if m.MessageId == "" || m.ReceiptHandle == "" || m.Attributes["ApproximateReceiveCount"] != "1" {
		t.Errorf("got %+v", m)
	}
	want := []string{"hello", "aws:sqs", "arn:aws:sqs:eu-central-1:000000000000:q", "eu-central-1"}
	if diff := cmp.Diff(want, []string{m.Body, m.EventSource, m.EventSourceARN, m.AWSRegion}); diff != "" {
		t.Error(diff)
	}
	until(t, "the queue is empty", func() bool { return left(t, client, url) == "0 waiting, 0 in flight" })
}

func TestFailedMessagesStayInTheQueue(t *testing.T) {
	t.Parallel()
	failures := func(records []events.SQSMessage) string {
		var out events.SQSEventResponse
		for _, m := range records {
			if m.Body == "bad" {
				out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
			}
		}
		text, _ := json.Marshal(out)
		return string(text)
	}
	fixed := func(answer string) func([]events.SQSMessage) string {
		return func([]events.SQSMessage) string { return answer }
	}
	for _, c := range []struct {
		name   string
		report bool
		answer func([]events.SQSMessage) string
		err    error
		want   string
	}{
		{"one of three", true, failures, nil, "0 waiting, 1 in flight"},
		{"none", true, fixed(`{"batchItemFailures":[]}`), nil, "0 waiting, 0 in flight"},
		{"no answer", true, fixed(``), nil, "0 waiting, 0 in flight"},
		{"null", true, fixed(`null`), nil, "0 waiting, 0 in flight"},
		{"an unknown message", true, fixed(`{"batchItemFailures":[{"itemIdentifier":"x"}]}`), nil, "0 waiting, 3 in flight"},
		{"an empty id", true, fixed(`{"batchItemFailures":[{"itemIdentifier":""}]}`), nil, "0 waiting, 3 in flight"},
		{"not a report", true, fixed(`{"batchItemFailures":7}`), nil, "0 waiting, 3 in flight"},
		{"an error", true, fixed(``), errors.New("no"), "0 waiting, 3 in flight"},
		{"a report that nobody asked for", false, failures, nil, "0 waiting, 0 in flight"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			seen := 0
			client, url := poll(t, trigger.Queue{
				Batch: 10, Window: 300 * time.Millisecond, Concurrency: 1, ReportFailures: c.report, Failed: func(error) {},
				Invoke: func(_ context.Context, event []byte) ([]byte, error) {
					var e events.SQSEvent
					if err := json.Unmarshal(event, &e); err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					seen += len(e.Records)
					return []byte(c.answer(e.Records)), c.err
				},
			}, "good", "bad", "also good")
			until(t, "all were seen", func() bool { mu.Lock(); defer mu.Unlock(); return seen == 3 })
			until(t, "the queue has "+c.want, func() bool { return left(t, client, url) == c.want })
		})
	}
}

func TestConcurrencyAndBatchesAreBounded(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var running, most, total, largest int
	free := make(chan struct{})
	bodies := slices.Repeat([]string{"x"}, 12)
	client, url := poll(t, trigger.Queue{Batch: 2, Concurrency: 3, Invoke: func(_ context.Context, event []byte) ([]byte, error) {
		var e events.SQSEvent
		if err := json.Unmarshal(event, &e); err != nil {
			t.Error(err)
		}
		mu.Lock()
		running++
		most, largest = max(most, running), max(largest, len(e.Records))
		mu.Unlock()
		<-free
		mu.Lock()
		running--
		total += len(e.Records)
		mu.Unlock()
		return nil, nil
	}}, bodies...)
	until(t, "three run", func() bool { mu.Lock(); defer mu.Unlock(); return running == 3 })
	close(free)
	until(t, "the queue is empty", func() bool { return left(t, client, url) == "0 waiting, 0 in flight" })
	mu.Lock()
	defer mu.Unlock()
	if most != 3 || largest > 2 || total != 12 {
		t.Errorf("%d at once, %d in a batch, %d in all; want 3, at most 2, 12", most, largest, total)
	}
}
