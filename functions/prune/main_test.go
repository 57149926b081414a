package main

import (
	"testing"
	"time"

	"coffer/scripts/local/localtest"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/bucket"
	"coffer/shared/content"
	"coffer/shared/job"
	"coffer/shared/pruner"
	"coffer/shared/queue"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

func TestEventsArePrunedOrGivenBack(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	messages := cloud.Queue(t)
	p := &pruner.Pruner{
		Tasks:     task.New(cloud.AWS, cloud.Table(t, localtest.Due)),
		Snapshots: snapshot.New(cloud.AWS, cloud.Table(t)),
		Jobs:      job.New(cloud.AWS, cloud.Table(t, localtest.Due)),
		Objects:   bucket.New(cloud.AWS, cloud.Bucket(t)),
		Index:     content.New(cloud.AWS, cloud.Table(t)),
		Audit:     audit.New(cloud.AWS, cloud.Table(t)),
		Messages:  queue.New[backup.PruneMessage](cloud.AWS, messages),
		Now:       time.Now,
	}
	if err := p.Tasks.Create(t.Context(), task.Task{Account: "acme", ID: "box"}); err != nil {
		t.Fatal(err)
	}
	handler := queue.Receiver(handle(p))
	localtest.Deliver(t, "prune", handler, "malformed.json")
	if sent := cloud.Received(t, messages); len(sent) != 2 || sent[0] != `{"account":"acme","task":"box"}` {
		t.Errorf("sent %q, want the one task twice", sent)
	}
}
