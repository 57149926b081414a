package sqs_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"coffer/scripts/local/loopback"
	"coffer/scripts/local/sqs"
)

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
