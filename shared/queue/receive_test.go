package queue_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/queue"
)

func TestOneBadMessageFailsAlone(t *testing.T) {
	t.Parallel()
	var seen []string
	receive := queue.Receiver(func(_ context.Context, m backup.MailMessage) error {
		seen = append(seen, m.ID)
		if m.ID == "refused" {
			return errors.New("refused")
		}
		return nil
	})
	event := events.SQSEvent{Records: []events.SQSMessage{
		{MessageId: "1", Body: `{"id":"a"}`},
		{MessageId: "2", Body: `{"id":`},
		{MessageId: "3", Body: `{"id":"refused"}`},
		{MessageId: "4", Body: `{"id":"b","surprise":1}`},
		{MessageId: "5", Body: `{"id":"c"}`},
	}}

	response, err := receive(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}

	want := []events.SQSBatchItemFailure{{ItemIdentifier: "2"}, {ItemIdentifier: "3"}, {ItemIdentifier: "4"}}
	if diff := cmp.Diff(response.BatchItemFailures, want); diff != "" {
		t.Errorf("failures (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(seen, []string{"a", "refused", "c"}); diff != "" {
		t.Errorf("messages handled (-got +want):\n%s", diff)
	}
}

func TestSampleEventsDecode(t *testing.T) {
	t.Parallel()
	check(t, "scan", func(m backup.ScanMessage) bool { return m.Account != "" && m.Task != "" })
	check(t, "backup", func(m backup.RunMessage) bool { return m.People != (m.BoxUser != "" && m.Run != "") })
	check(t, "prune", func(m backup.PruneMessage) bool { return (m.Account == "") == (m.Task == "") })
	check(t, "report", func(m backup.ReportMessage) bool { return m.ID != "" && m.Account != "" && m.User != "" })
	check(t, "count", func(m backup.CountMessage) bool { return m.Account != "" && m.Task != "" })
	check(t, "act", func(m backup.ActMessage) bool { return m.Account != "" && m.Task != "" && m.ID != "" })
	check(t, "recover", func(m backup.JobMessage) bool { return m.Account != "" && m.Job != "" })
}

// check receives every sample event of a function; those named malformed must
// fail, all others must be whole.
func check[M any](t *testing.T, function string, whole func(M) bool) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", "..", "events", function, "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no sample events of %s: %v", function, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var event events.SQSEvent
		if err := json.Unmarshal(data, &event); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		response, err := queue.Receiver(func(_ context.Context, m M) error {
			if !whole(m) {
				t.Errorf("%s: incomplete message %+v", name, m)
			}
			return nil
		})(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		wantFailures := 0
		if filepath.Base(name) == "malformed.json" {
			wantFailures = len(event.Records)
		}
		if got := len(response.BatchItemFailures); got != wantFailures || len(event.Records) == 0 {
			t.Errorf("%s: %d of %d messages failed, want %d", name, got, len(event.Records), wantFailures)
		}
	}
}
