package backups

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"coffer/scripts/demo"
	"coffer/scripts/local/lambda"
	"coffer/scripts/local/tally"
	"coffer/shared/backup"
	"coffer/shared/env"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// patience is how long a backup may take.
const patience = 3 * time.Hour

// workers are the functions that a backup runs in.
var workers = [...]string{"schedule", "scan", "backup"}

// reading is the state of all counters.
type reading struct {
	at    time.Time
	calls int64 // of Box
	usage map[string]lambda.Usage
	tally *tally.Count // nil where nothing is counted
	packs int64        // bytes
}

func (h *house) read() (reading, error) {
	r := reading{at: time.Now(), calls: h.calls(), usage: map[string]lambda.Usage{}}
	if h.tally != nil {
		counted := h.tally.Now()
		r.tally = &counted
	}
	for _, name := range workers {
		r.usage[name] = h.cloud.Functions.Usage(name)
	}
	var err error
	r.packs, err = h.stored("packs")
	return r, err
}

// calls counts the calls that Box counts, of all users.
func (h *house) calls() int64 {
	var n int64
	for _, u := range h.sim.Stats().Users {
		n += u.Calls
	}
	return n
}

// stored returns the bytes of the vault's objects of a kind.
func (h *house) stored(kind string) (int64, error) {
	var size int64
	root := h.state.Path("s3", "objects", h.cloud.Product.Setting(env.VaultBucket), kind)
	err := filepath.WalkDir(root, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil //nolint:nilerr // what is not there, or goes meanwhile, takes no room
		}
		if info, err := entry.Info(); err == nil {
			size += info.Size()
		}
		return nil
	})
	return size, err
}

// backUpNow has one Box user backed up at a person's request.
func (h *house) backUpNow(ctx context.Context, job job) (Result, error) {
	return h.measure(ctx, job, func() error {
		for _, action := range []string{"activate", "backup"} {
			path := "/api/tasks/" + string(h.task) + "/users/" + action
			if err := h.portal.Call(ctx, http.MethodPost, path, map[string]any{"ids": []backup.BoxUserID{h.users[job.user]}}, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// backUpOnSchedule lets the task's next time come and the schedule's minute
// strike. All activated Box users are backed up; one of them is waited for.
func (h *house) backUpOnSchedule(ctx context.Context, job job) (Result, error) {
	return h.measure(ctx, job, func() error {
		table := h.cloud.Product.Setting(env.TasksTable)
		past := time.Now().Add(-time.Minute).UTC()
		_, err := h.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &table,
			Key: map[string]types.AttributeValue{
				"PK": &types.AttributeValueMemberS{Value: string(h.account)}, "SK": &types.AttributeValueMemberS{Value: "TASK#" + string(h.task)},
			},
			ConditionExpression: aws.String("attribute_exists(DueAt)"),
			UpdateExpression:    aws.String("SET NextRun = :time, DueAt = :stamp"),
			ExpressionAttributeValues: map[string]types.AttributeValue{
				":time":  &types.AttributeValueMemberS{Value: past.Format(time.RFC3339Nano)},
				":stamp": &types.AttributeValueMemberS{Value: past.Format("2006-01-02T15:04:05.000Z")},
			},
		})
		if err != nil {
			return fmt.Errorf("let the task be due: %w", err)
		}
		_, err = h.cloud.Functions.Invoke(ctx, "schedule", []byte("{}"))
		return err
	})
}

// measure begins a backup and waits until the Box user has a new snapshot.
func (h *house) measure(ctx context.Context, job job, begin func() error) (Result, error) {
	for _, name := range workers {
		h.cloud.Functions.ResetPeak(name)
	}
	user := h.users[job.user]
	old, err := h.tasks.BoxUser(ctx, h.account, h.task, user)
	if err != nil {
		return Result{}, err
	}
	before, err := h.read()
	if err != nil {
		return Result{}, err
	}
	if err := begin(); err != nil {
		return Result{}, err
	}
	var now task.BoxUser
	err = demo.Until(ctx, patience, "the backup ended", func() (bool, error) {
		now, err = h.tasks.BoxUser(ctx, h.account, h.task, user)
		return err == nil && now.RunID == "" && (now.Snapshot != old.Snapshot || now.Status == backup.Failed), err
	})
	if err != nil {
		return Result{}, err
	}
	if now.Status != backup.Success {
		return Result{}, fmt.Errorf("the backup of %s ended %s: %s", job.user, now.Status, now.Reason)
	}
	s, err := h.snapshots.Snapshot(ctx, h.account, h.task, user, now.Snapshot)
	if err != nil {
		return Result{}, err
	}
	if err := h.idle(ctx); err != nil {
		return Result{}, err
	}
	after, err := h.read()
	if err != nil {
		return Result{}, err
	}
	r := job.result("Coffer", s.Ended.Sub(before.at), after.calls-before.calls)
	r.Method, r.Items, r.Bytes, r.Catalog = string(s.Method), s.Items, s.Bytes, catalogSize(now)
	r.Stored = after.packs - before.packs
	r.add(before, after)
	return r, nil
}

// idle waits until no worker is busy: the last invocation goes on for a moment
// after the snapshot is visible.
func (h *house) idle(ctx context.Context) error {
	return demo.Until(ctx, time.Minute, "the functions rested", func() (bool, error) {
		busy := 0
		for _, name := range workers {
			busy += h.cloud.Functions.Usage(name).Running
		}
		return busy == 0, nil
	})
}

// add puts in what the functions took.
func (r *Result) add(before, after reading) {
	if after.tally != nil {
		counted := after.tally.Sub(*before.tally)
		r.AWS = &counted
	}
	var cpu time.Duration
	for _, name := range workers {
		b, a := before.usage[name], after.usage[name]
		cpu += a.CPU - b.CPU
		r.Memory = max(r.Memory, a.PeakMemory)
		r.Invocations += a.Invocations - b.Invocations
		r.GBSeconds += (a.Busy - b.Busy).Seconds() * float64(a.MemoryMB) / 1024
	}
	r.CPU = cpu.Seconds()
}

// catalogSize is that of the Box user's catalog as it is stored.
func catalogSize(u task.BoxUser) int64 {
	var sealed vault.Sealed
	if json.NewDecoder(strings.NewReader(string(u.Catalog))).Decode(&sealed) != nil {
		return 0
	}
	return sealed.StoredSize()
}
