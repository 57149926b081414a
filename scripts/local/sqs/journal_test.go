package sqs_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"coffer/scripts/local/sqs"
)

// killedDir names, in the environment, the folder of the process that
// TestKillLosesNothing kills.
const killedDir = "SQS_TEST_KILLED"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killedDir); dir != "" {
		sendUntilKilled(dir)
	}
	os.Exit(m.Run())
}

// sendUntilKilled sends, and deletes a message for every third that it sends.
// It prints each message's number when it begins to delete it, and once either
// is acknowledged.
func sendUntilKilled(dir string) {
	s, err := sqs.New(sqs.Options{Dir: dir})
	if err != nil {
		panic(err)
	}
	q, ctx := serve(nil, s), context.Background()
	made, err := q.CreateQueue(ctx, &awssqs.CreateQueueInput{QueueName: new("q")})
	if err != nil {
		panic(err)
	}
	for i := 0; ; i++ {
		if _, err := q.SendMessage(ctx, &awssqs.SendMessageInput{QueueUrl: made.QueueUrl, MessageBody: new(fmt.Sprint(i))}); err != nil {
			panic(err)
		}
		if i%3 == 0 {
			got, err := q.ReceiveMessage(ctx, &awssqs.ReceiveMessageInput{QueueUrl: made.QueueUrl, VisibilityTimeout: 43_200})
			if err != nil {
				panic(err)
			}
			fmt.Println(*got.Messages[0].Body, "deleting")
			if _, err := q.DeleteMessage(ctx, &awssqs.DeleteMessageInput{QueueUrl: made.QueueUrl, ReceiptHandle: got.Messages[0].ReceiptHandle}); err != nil {
				panic(err)
			}
			fmt.Println(*got.Messages[0].Body, "deleted")
		}
		fmt.Println(i, "sent")
	}
}

func TestKillLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for round := range 3 {
		dir := filepath.Join(dir, fmt.Sprint(round))
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), killedDir+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		did := map[string]map[string]bool{"sent": {}, "deleting": {}, "deleted": {}}
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			body, what, _ := strings.Cut(lines.Text(), " ")
			did[what][body] = true
			if len(did["sent"]) == 300+round*77 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // killed

		q := open(t, dir)
		url := q.create("q", nil)
		left := map[string]bool{}
		for got := q.receive(url, 10); len(got) > 0; got = q.receive(url, 10) {
			for _, m := range got {
				if left[*m.Body] {
					t.Errorf("message %s is there twice", *m.Body)
				}
				left[*m.Body] = true
			}
		}
		for body := range did["sent"] {
			if left[body] && did["deleted"][body] || !left[body] && !did["deleting"][body] {
				t.Errorf("round %d: message %s: there %v, deleted %v", round, body, left[body], did["deleted"][body])
			}
		}
	}
}

func TestRestartKeepsQueuesMessagesAndCounts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := sqs.New(sqs.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	q := serve(t, first)
	dead := q.create("dead", nil)
	url := q.create("q", map[string]string{
		"VisibilityTimeout": "600",
		"RedrivePolicy":     `{"deadLetterTargetArn":"` + q.attributes(dead)["QueueArn"] + `","maxReceiveCount":"2"}`,
	})
	q.create("gone", nil)
	q.send(url, "in flight <&>")
	q.send(url, "deleted")
	got := q.receive(url, 2)
	q.remove(url, got[1])
	in := &awssqs.SendMessageInput{QueueUrl: &url, MessageBody: new("delayed"), DelaySeconds: 900, MessageGroupId: new("g")}
	if _, err := q.SendMessage(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if _, err := q.DeleteQueue(t.Context(), &awssqs.DeleteQueueInput{QueueUrl: new("http://127.0.0.1:1/000000000000/gone")}); err != nil {
		t.Fatal(err)
	}
	before := q.attributes(url)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	q = open(t, dir)
	same(t, "counts", q.counts(url), [3]string{"1", "0", "1"})
	after := q.attributes(url)
	same(t, "redrive policy", after["RedrivePolicy"], before["RedrivePolicy"])
	same(t, "created", after["CreatedTimestamp"], before["CreatedTimestamp"])
	again := q.receive(url, 1)
	same(t, "body", bodies(again), []string{"in flight <&>"})
	same(t, "receive count", again[0].Attributes["ApproximateReceiveCount"], "2")
	same(t, "first receive", again[0].Attributes["ApproximateFirstReceiveTimestamp"], got[0].Attributes["ApproximateFirstReceiveTimestamp"])
	list, err := q.ListQueues(t.Context(), &awssqs.ListQueuesInput{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "queues", len(list.QueueUrls), 2)
	if err := q.hide(url, again[0], 0); err != nil {
		t.Fatal(err)
	}
	same(t, "failed too often", len(q.receive(url, 1)), 0)

	q2 := open(t, copyOf(t, dir))
	same(t, "dead letters after another restart", q2.counts(dead), [3]string{"1", "0", "0"})
	same(t, "source after another restart", q2.counts(url), [3]string{"0", "0", "1"})
}

// copyOf is what a new process would find if this one were killed now.
func copyOf(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestTornLastLineIsDroppedAndDamageIsReported(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := open(t, dir)
	url := q.create("q", nil)
	q.send(url, "whole")
	q.send(url, "torn")
	path := filepath.Join(copyOf(t, dir), "queues.journal")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)-9], 0o600); err != nil {
		t.Fatal(err)
	}
	q = open(t, filepath.Dir(path))
	same(t, "after a torn line", bodies(q.receive(url, 10)), []string{"whole"})
	q.send(url, "next")
	same(t, "after another restart", len(open(t, copyOf(t, filepath.Dir(path))).receive(url, 10)), 2)

	if err := os.WriteFile(path, append([]byte("{\"op\":\n"), whole...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqs.New(sqs.Options{Dir: filepath.Dir(path)}); err == nil || !strings.Contains(err.Error(), "damaged in line 1") {
		t.Errorf("a damaged journal got %v", err)
	}
}

func TestJournalStaysInProportion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := open(t, dir)
	url := q.create("q", map[string]string{"VisibilityTimeout": "0"})
	for range 10 {
		q.send(url, strings.Repeat("x", 1000))
	}
	const rounds = 3000
	for range rounds {
		_, err := q.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
		if err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "queues.journal"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 2<<20 {
		t.Errorf("%d receives of ten messages left a journal of %d bytes", rounds, info.Size())
	}
	again := open(t, copyOf(t, dir)).receive(url, 10)
	same(t, "messages after a restart", len(again), 10)
	same(t, "receive count", again[0].Attributes["ApproximateReceiveCount"], fmt.Sprint(rounds+1))
}
