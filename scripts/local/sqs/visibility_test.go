package sqs_test

import (
	"testing"
	"time"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
)

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
