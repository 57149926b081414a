package sqs_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
)

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
