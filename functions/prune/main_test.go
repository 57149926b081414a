package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/audit"
	"coffer/shared/bucket"
	"coffer/shared/content"
	"coffer/shared/job"
	"coffer/shared/pruner"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

func TestEveryEventPrunes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../events/prune/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no events: %v", err)
	}
	cloud := localtest.Start(t)
	p := &pruner.Pruner{
		Tasks:     task.New(cloud.AWS, cloud.Table(t, localtest.Due)),
		Snapshots: snapshot.New(cloud.AWS, cloud.Table(t)),
		Jobs:      job.New(cloud.AWS, cloud.Table(t, localtest.Due)),
		Objects:   bucket.New(cloud.AWS, cloud.Bucket(t)),
		Index:     content.New(cloud.AWS, cloud.Table(t)),
		Audit:     audit.New(cloud.AWS, cloud.Table(t)),
		Now:       time.Now,
	}
	if err := p.Tasks.Create(t.Context(), task.Task{Account: "acme", ID: "box"}); err != nil {
		t.Fatal(err)
	}
	handler := lambda.NewHandler(handle(p))
	for _, file := range files {
		event, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := handler.Invoke(t.Context(), event)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		var got pruner.Report
		if err := json.Unmarshal(answer, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(pruner.Report{Vaults: 1}, got); diff != "" {
			t.Errorf("%s:\n%s", file, diff)
		}
	}
}
