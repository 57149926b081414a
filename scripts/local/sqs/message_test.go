package sqs_test

import (
	"testing"
	"time"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

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
