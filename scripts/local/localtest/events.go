package localtest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// Deliver gives a queue's function its sample events, each twice, as SQS may, and
// checks that it gives those in refused back and no other. The test is in the
// function's folder.
func Deliver(t *testing.T, function string, handle func(context.Context, events.SQSEvent) (events.SQSEventResponse, error), refused ...string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "events", function, "*.json"))
	if err != nil || len(files) <= len(refused) {
		t.Fatalf("events %v, %v", files, err)
	}
	left := slices.Clone(refused)
	for _, file := range append(files, files...) {
		name := filepath.Base(file)
		data, err := os.ReadFile(file) // #nosec G304 -- one of the repository's own
		if err != nil {
			t.Fatal(err)
		}
		var event events.SQSEvent
		if err := json.Unmarshal(data, &event); err != nil {
			t.Fatal(err)
		}
		out, err := handle(t.Context(), event)
		if err != nil || (len(out.BatchItemFailures) == 1) != slices.Contains(refused, name) {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
		left = slices.DeleteFunc(left, func(n string) bool { return n == name })
	}
	if len(left) > 0 {
		t.Errorf("there are no events %v", left)
	}
}
