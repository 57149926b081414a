package chaos_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"coffer/scripts/local/cloud"
	"coffer/shared/backup"
)

// patience is how long anything may take. The machine may be busy, so it says
// nothing about speed.
const patience = 5 * time.Minute

// eventually asks again and again until done says so.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	over := time.NewTimer(patience)
	defer over.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-over.C:
			t.Fatalf("waited %s in vain until %s", patience, what)
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
}

// clock lets a test play the passing of time for what runs on it.
type clock struct {
	db          *dynamodb.Client
	tasks, jobs string // names of the tables
	portal      string // address
}

// passRun lets the time of a Box user's run pass that a lease lasts, and the
// schedule function's minute come.
func (c *clock) passRun(t *testing.T, account backup.AccountID, task backup.TaskID, user backup.BoxUserID) {
	t.Helper()
	c.pass(t, c.tasks, string(account)+"#"+string(task), "USER#"+string(user), "RunUntil")
}

// passJob does the same for a job.
func (c *clock) passJob(t *testing.T, account backup.AccountID, job string) {
	t.Helper()
	c.pass(t, c.jobs, string(account), "JOB#"+job, "Until")
}

func (c *clock) pass(t *testing.T, table, pk, sk, until string) {
	t.Helper()
	c.end(t, table, pk, sk, until)
	c.tick(t)
}

// end ends a lease, whoever holds it, and reports whether there was one.
func (c *clock) end(t *testing.T, table, pk, sk, until string) bool {
	t.Helper()
	return c.set(t, table, pk, sk, "SET #name = :past, DueAt = :then", "attribute_exists(#name) AND attribute_exists(DueAt)", until)
}

// hurry ends the lease of a run, or lets the time come at which it is looked at
// again where nobody has one. A run that waits to be dispatched keeps its place.
func (c *clock) hurry(t *testing.T, account backup.AccountID, task, sk string) {
	t.Helper()
	pk := string(account) + "#" + task
	if !c.end(t, c.tasks, pk, sk, "RunUntil") {
		c.set(t, c.tasks, pk, sk, "SET DueAt = :then", "attribute_exists(#name) AND attribute_exists(DueAt)", "RunOut")
	}
	c.set(t, c.tasks, pk, "RUNS", "SET DueAt = :then", "attribute_exists(#name)", "DueAt")
}

// hurryJob does the same for a job.
func (c *clock) hurryJob(t *testing.T, account backup.AccountID, job string) {
	t.Helper()
	if !c.end(t, c.jobs, string(account), "JOB#"+job, "Until") {
		c.set(t, c.jobs, string(account), "JOB#"+job, "SET DueAt = :then", "attribute_exists(#name)", "DueAt")
	}
}

// set changes a row where the condition holds, and reports whether it does.
// Both may name :past and :then, times long past, and one attribute as #name.
func (c *clock) set(t *testing.T, table, pk, sk, update, condition, name string) bool {
	t.Helper()
	values := map[string]types.AttributeValue{":then": &types.AttributeValueMemberS{Value: "2020-01-01T00:00:00.000Z"}}
	if strings.Contains(update, ":past") {
		values[":past"] = &types.AttributeValueMemberN{Value: "1"}
	}
	_, err := c.db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName:                &table,
		Key:                      map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: pk}, "SK": &types.AttributeValueMemberS{Value: sk}},
		ConditionExpression:      &condition,
		UpdateExpression:         &update,
		ExpressionAttributeNames: map[string]string{"#name": name}, ExpressionAttributeValues: values,
	})
	_, not := errors.AsType[*types.ConditionalCheckFailedException](err)
	if err != nil && !not {
		t.Fatal(err)
	}
	return err == nil
}

// stands is a row's attributes that change while somebody works on what it is
// of, with the word held where somebody has the lease.
func (c *clock) stands(t *testing.T, table, pk, sk string) string {
	t.Helper()
	out, err := c.db.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &table, ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: pk}, "SK": &types.AttributeValueMemberS{Value: sk}},
	})
	if err != nil {
		t.Fatal(err)
	}
	state := fmt.Sprint(out.Item["RunUntil"], out.Item["Until"], out.Item["DueAt"])
	if out.Item["RunUntil"] != nil || out.Item["Until"] != nil {
		state += " held"
	}
	return state
}

// tick calls the schedule function, as its minute does.
func (c *clock) tick(t *testing.T) {
	t.Helper()
	address := c.portal + cloud.LambdaPath + "/2015-03-31/functions/schedule/invocations"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader([]byte("{}")))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("X-Amz-Function-Error") != "" {
		t.Fatalf("schedule answers %s: %s %v", resp.Status, text, err)
	}
}
