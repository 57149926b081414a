// Package trigger calls functions as AWS does by itself: with the messages of a
// queue (an event source mapping) and at times (EventBridge Scheduler).
package trigger

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	longPoll   = 20 // seconds, SQS's limit
	perReceive = 10 // messages, SQS's limit
	retryAfter = time.Second
)

// Invoke calls a function with an event and returns its answer.
type Invoke func(ctx context.Context, event []byte) ([]byte, error)

// Queue is an event source mapping from a queue to a function.
type Queue struct {
	Client         *sqs.Client
	URL            string
	ARN            string
	Region         string
	Batch          int
	Window         time.Duration
	Concurrency    int
	ReportFailures bool
	Invoke         Invoke
	Failed         func(error) // takes what went wrong, for the log
}

// Run polls until ctx ends and returns when the last call has. Messages that
// the function could not take stay in the queue and come again when their
// visibility timeout has passed.
func (q *Queue) Run(ctx context.Context) {
	slots := make(chan struct{}, q.Concurrency)
	for {
		select {
		case <-ctx.Done():
			for range cap(slots) {
				slots <- struct{}{}
			}
			return
		case slots <- struct{}{}:
		}
		batch, err := q.receive(ctx)
		if err != nil && ctx.Err() == nil {
			q.Failed(fmt.Errorf("receive: %w", err))
			pause(ctx, retryAfter)
		}
		if len(batch) == 0 {
			<-slots
			continue
		}
		go func() {
			defer func() { <-slots }()
			if err := q.deliver(context.WithoutCancel(ctx), batch); err != nil {
				q.Failed(err)
			}
		}()
	}
}

// receive waits for messages. With a window it gathers a batch for as long;
// what it has when an error comes is returned with it.
func (q *Queue) receive(ctx context.Context) ([]types.Message, error) {
	var batch []types.Message
	var until time.Time
	for {
		wait := int32(longPoll)
		if len(batch) > 0 {
			wait = int32(time.Until(until) / time.Second)
			if len(batch) >= q.Batch || wait <= 0 {
				return batch, nil
			}
		}
		out, err := q.Client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl:                    &q.URL,
			MaxNumberOfMessages:         int32(min(q.Batch-len(batch), perReceive)),
			WaitTimeSeconds:             min(wait, longPoll),
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
			MessageAttributeNames:       []string{"All"},
		})
		if err != nil {
			return batch, err
		}
		if len(batch) == 0 {
			until = time.Now().Add(q.Window)
		}
		batch = append(batch, out.Messages...)
		if len(batch) == 0 {
			return nil, nil
		}
	}
}

// deliver calls the function and removes from the queue what it took.
func (q *Queue) deliver(ctx context.Context, batch []types.Message) error {
	event, err := json.Marshal(q.event(batch))
	if err != nil {
		return err
	}
	answer, err := q.Invoke(ctx, event)
	if err != nil {
		return err
	}
	if q.ReportFailures {
		batch = succeeded(batch, answer)
	}
	for part := range slices.Chunk(batch, perReceive) {
		entries := make([]types.DeleteMessageBatchRequestEntry, len(part))
		for i, m := range part {
			entries[i] = types.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle}
		}
		if _, err := q.Client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &q.URL, Entries: entries}); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
	}
	return nil
}

// succeeded leaves out the messages that the answer reports as failed. As on
// AWS, an answer that is wrong or names an unknown message fails all of them,
// and one without a list fails none.
func succeeded(batch []types.Message, answer []byte) []types.Message {
	var report events.SQSEventResponse
	if len(answer) > 0 && json.Unmarshal(answer, &report) != nil {
		return nil
	}
	failed := map[string]bool{}
	for _, f := range report.BatchItemFailures {
		if !slices.ContainsFunc(batch, func(m types.Message) bool { return aws.ToString(m.MessageId) == f.ItemIdentifier }) {
			return nil
		}
		failed[f.ItemIdentifier] = true
	}
	return slices.DeleteFunc(slices.Clone(batch), func(m types.Message) bool { return failed[aws.ToString(m.MessageId)] })
}

// event is what the function gets.
func (q *Queue) event(batch []types.Message) events.SQSEvent {
	var out events.SQSEvent
	for _, m := range batch {
		record := events.SQSMessage{
			MessageId:              aws.ToString(m.MessageId),
			ReceiptHandle:          aws.ToString(m.ReceiptHandle),
			Body:                   aws.ToString(m.Body),
			Md5OfBody:              aws.ToString(m.MD5OfBody),
			Md5OfMessageAttributes: aws.ToString(m.MD5OfMessageAttributes),
			Attributes:             m.Attributes,
			MessageAttributes:      map[string]events.SQSMessageAttribute{},
			EventSourceARN:         q.ARN,
			EventSource:            "aws:sqs",
			AWSRegion:              q.Region,
		}
		for name, a := range m.MessageAttributes {
			record.MessageAttributes[name] = events.SQSMessageAttribute{
				StringValue: a.StringValue, BinaryValue: a.BinaryValue, DataType: aws.ToString(a.DataType),
				StringListValues: []string{}, BinaryListValues: [][]byte{},
			}
		}
		out.Records = append(out.Records, record)
	}
	return out
}

// pause waits, or less if ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
