// Package queue sends messages to SQS queues. What happens to them there, the
// event source mappings decide.
package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// batch is how many messages SQS takes in one call.
const batch = 10

// Queue is an SQS queue of messages of type M, sent as JSON. Messages of one
// group are served fairly beside other groups' (SQS fair queues); the group is
// the task or account that the work is for.
type Queue[M any] struct {
	client *sqs.Client
	url    string
}

// New returns the queue at the URL.
func New[M any](cfg aws.Config, url string) *Queue[M] {
	return &Queue[M]{client: sqs.NewFromConfig(cfg), url: url}
}

// Send puts the messages of one group on the queue, at the earliest after
// delay (at most 15 minutes). Where it returns an error, some may have been
// sent all the same.
func (q *Queue[M]) Send(ctx context.Context, group string, delay time.Duration, messages ...M) error {
	for len(messages) > 0 {
		n := min(batch, len(messages))
		if err := q.send(ctx, group, delay, messages[:n]); err != nil {
			return err
		}
		messages = messages[n:]
	}
	return nil
}

func (q *Queue[M]) send(ctx context.Context, group string, delay time.Duration, messages []M) error {
	entries := make([]types.SendMessageBatchRequestEntry, len(messages))
	for i, m := range messages {
		body, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("message of type %T: %w", m, err)
		}
		entries[i] = types.SendMessageBatchRequestEntry{
			Id:             new(strconv.Itoa(i)),
			MessageBody:    new(string(body)),
			MessageGroupId: &group,
			DelaySeconds:   int32(delay / time.Second), // #nosec G115 -- at most 15 minutes
		}
	}
	out, err := q.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &q.url, Entries: entries})
	if err != nil {
		return fmt.Errorf("send %d messages: %w", len(messages), err)
	}
	if len(out.Failed) > 0 {
		f := out.Failed[0]
		return fmt.Errorf("send %d messages: %d refused, the first with %s: %s", len(messages), len(out.Failed), aws.ToString(f.Code), aws.ToString(f.Message))
	}
	return nil
}
