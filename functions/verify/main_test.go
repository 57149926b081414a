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
	"coffer/shared/backup"
	"coffer/shared/bucket"
	"coffer/shared/content"
	"coffer/shared/keys"
	"coffer/shared/queue"
	"coffer/shared/task"
	"coffer/shared/vault"
	"coffer/shared/verifier"
)

func TestEveryEventVerifies(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../events/verify/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no events: %v", err)
	}
	cloud := localtest.Start(t)
	ring := keys.New(cloud.AWS, cloud.Key(t))
	v := &verifier.Verifier{
		Tasks: task.New(cloud.AWS, cloud.Table(t, localtest.Due)), Objects: bucket.New(cloud.AWS, cloud.Bucket(t)),
		Index: content.New(cloud.AWS, cloud.Table(t)), Keys: ring, Audit: audit.New(cloud.AWS, cloud.Table(t)),
		Mails: queue.New[backup.MailMessage](cloud.AWS, cloud.Queue(t)), Dir: t.TempDir(), Now: time.Now,
	}
	sealed, err := vault.NewKey(t.Context(), vault.ID{Account: "acme", Task: "box"}, ring)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Tasks.Create(t.Context(), task.Task{Account: "acme", ID: "box", VaultKey: sealed}); err != nil {
		t.Fatal(err)
	}
	handler := lambda.NewHandler(handle(v))
	for _, file := range files {
		event, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := handler.Invoke(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		var day verifier.Daily
		if err := json.Unmarshal(answer, &day); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(day, verifier.Daily{Vaults: 1}); diff != "" {
			t.Error(diff)
		}
	}
}
