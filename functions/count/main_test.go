package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"coffer/scripts/local/localtest"
	"coffer/shared/boot"
	"coffer/shared/env"
)

func TestEventsAreCountedOrGivenBack(t *testing.T) {
	cloud := localtest.Start(t)
	t.Setenv(string(env.TasksTable), cloud.Table(t, localtest.Due))
	h := handler(&boot.App{AWS: cloud.AWS})
	files, err := filepath.Glob("../../events/count/*.json")
	if err != nil || len(files) != 3 {
		t.Fatalf("events %v, %v", files, err)
	}
	for _, file := range append(files, files...) { // each comes twice
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var event events.SQSEvent
		if err := json.Unmarshal(data, &event); err != nil {
			t.Fatal(err)
		}
		out, err := h(t.Context(), event)
		bad := filepath.Base(file) == "malformed.json"
		if err != nil || (len(out.BatchItemFailures) == 1) != bad {
			t.Errorf("%s: %+v, %v", file, out, err)
		}
	}
}
