package sqs

import (
	"fmt"
	"strings"
	"testing"
)

// TestQueueOfManyMessages drains 100,000 messages of many groups out of order;
// an operation whose cost grew with their number would take minutes.
func TestQueueOfManyMessages(t *testing.T) {
	t.Parallel()
	s, err := New(Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	made, err := s.createQueue(t.Context(), queueInput{QueueName: "q"})
	if err != nil {
		t.Fatal(err)
	}
	const batches = 10_000
	body := strings.Repeat("x", 200)
	for i := range batches {
		in := sendBatchInput{QueueUrl: made.QueueUrl}
		for j := range 10 {
			in.Entries = append(in.Entries, sendInput{ID: fmt.Sprint(j), MessageBody: body, MessageGroupId: fmt.Sprint("g", (i+j)%500)})
		}
		if _, err := s.sendMessageBatch(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	ten := 10
	deleted := 0
	for i := range batches + batches/2 {
		out, err := s.receiveMessage(t.Context(), receiveInput{QueueUrl: made.QueueUrl, MaxNumberOfMessages: &ten})
		if err != nil {
			t.Fatal(err)
		}
		in := handleBatchInput{QueueUrl: made.QueueUrl}
		for j, m := range out.Messages {
			now := 0
			in.Entries = append(in.Entries, handleInput{ID: fmt.Sprint(j), ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: &now})
		}
		do := s.deleteMessageBatch
		if i%3 == 0 { // a third of the receives give back what they got
			do = s.changeMessageVisibilityBatch
		} else {
			deleted += len(out.Messages)
		}
		if _, err := do(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	if q := s.queues["q"]; deleted != batches*10 || len(q.messages)+len(q.groups)+q.waiting.Len()+q.turns.Len()+q.ages.Len()+q.flying > 0 {
		t.Errorf("deleted %d, and the queue keeps %d messages, %d groups", deleted, len(q.messages), len(q.groups))
	}
}
