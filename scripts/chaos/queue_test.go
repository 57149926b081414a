package chaos_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/env"
	"coffer/shared/queue"
)

// C3: every message of a backup comes three times, out of order and at once,
// and again when all is over.
func TestMessagesThatComeAgainChangeNothing(t *testing.T) {
	t.Parallel()
	h := enter(t)
	var users []backup.BoxUserID
	for i, name := range []string{"Twice 1", "Twice 2", "Twice 3", "Twice 4"} {
		user := h.users[name]
		users = append(users, user)
		h.sim.PopulateUser(user, boxsim.Plan{Seed: 20 + uint64(i), Files: 80})
		// Slow enough that the first message is being worked on when the others come.
		h.sim.Fault(boxsim.Fault{User: user, Kinds: []boxsim.Kind{boxsim.Late}, Delay: 200 * time.Millisecond})
	}
	h.request(t, h.task, users...)
	var messages []backup.RunMessage
	for _, user := range users {
		row, err := h.rows().BoxUser(t.Context(), h.account, backup.TaskID(h.task), user)
		if err != nil {
			t.Fatal(err)
		}
		if row.RunID == "" {
			t.Fatal("the backup ended before its message could be sent again")
		}
		messages = append(messages, row.Message(), row.Message())
	}
	rng := rand.New(rand.NewPCG(3, 3))
	rng.Shuffle(len(messages), func(i, j int) { messages[i], messages[j] = messages[j], messages[i] })
	runs := queue.New[backup.RunMessage](h.cloud.AWS, h.setting(env.BackupQueue))
	if err := runs.Send(t.Context(), h.task, 0, messages...); err != nil {
		t.Fatal(err)
	}
	for _, user := range users {
		if u := h.finished(t, h.task, user); u.Status != backup.Success {
			t.Errorf("the backup ended %s: %s", u.Status, u.Reason)
		}
	}
	if err := runs.Send(t.Context(), h.task, 0, messages...); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all messages have been taken", func() bool { return h.visible(t, env.BackupQueue) == 0 })
	for _, user := range users {
		snapshots := h.snapshots(t, h.task, user)
		if len(snapshots) != 1 {
			t.Fatalf("%d snapshots, want 1", len(snapshots))
		}
		if got := h.activities(t, user); len(got) != 1 {
			t.Errorf("activities %+v, want one", got)
		}
		contents := map[backup.Content]bool{}
		var bytes int64
		for _, n := range h.sim.Tree(user) {
			if !contents[n.Content] {
				contents[n.Content] = true
				bytes += n.Content.Size
			}
		}
		if snapshots[0].Stored > bytes {
			t.Errorf("%d bytes were stored of %d", snapshots[0].Stored, bytes)
		}
		h.nothingIsHeld(t, user)
		h.equalsBox(t, h.task, user, snapshots[0].ID)
	}
	if n := h.dead(t); n > 0 {
		t.Errorf("%d messages are in dead-letter queues", n)
	}
}

// visible is how many messages of a queue wait for a function.
func (h *house) visible(t *testing.T, queue env.Setting) int {
	t.Helper()
	return h.count(t, h.setting(queue))
}

// dead is how many messages have been put aside.
func (h *house) dead(t *testing.T) (n int) {
	t.Helper()
	var letters []string
	for _, q := range h.cloud.Product.Queues {
		letters = append(letters, q.DeadLetter)
	}
	for _, q := range h.cloud.Product.Queues {
		if slices.Contains(letters, q.ARN) {
			n += h.count(t, q.URL)
		}
	}
	return n
}

func (h *house) count(t *testing.T, url string) int {
	t.Helper()
	const waiting = types.QueueAttributeNameApproximateNumberOfMessages
	out, err := sqs.NewFromConfig(h.cloud.AWS).GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []types.QueueAttributeName{waiting},
	})
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(out.Attributes[string(waiting)])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
