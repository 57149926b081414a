package cloud

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"coffer/scripts/local/template"
)

func TestScheduleSendsItsQueueAMessage(t *testing.T) {
	t.Parallel()
	state, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(state.Close)
	s := &services{endpoints: endpoints{}}
	t.Cleanup(s.close)
	if err := s.startSmall(Options{State: state, Region: "eu-central-1"}); err != nil {
		t.Fatal(err)
	}
	s.AWS = aws.Config{Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), ConfigSources: []any{s.endpoints}}
	queue := template.Queue{Identity: template.Identity{Name: "prune"}, URL: s.queueURL("prune"), Retention: 1e12, Visibility: 1e9}
	if err := s.createQueues(t.Context(), []template.Queue{queue}); err != nil {
		t.Fatal(err)
	}
	c := &Cloud{services: s, Product: &template.Product{
		Schedules: []template.Schedule{{Expression: "rate(1 day)", Zone: "UTC", Queue: queue.URL, Input: `{"every":"task"}`}},
	}}
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(func() { stop(); c.running.Wait() })
	if err := c.startTriggers(ctx); err != nil {
		t.Fatal(err)
	}
	got, err := s.sqsClient().ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: &queue.URL, WaitTimeSeconds: 20})
	if err != nil || len(got.Messages) != 1 || *got.Messages[0].Body != `{"every":"task"}` {
		t.Errorf("received %+v, %v", got, err)
	}
}
