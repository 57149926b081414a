package chaos_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
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
	_, err := c.db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName:                &table,
		Key:                      map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: pk}, "SK": &types.AttributeValueMemberS{Value: sk}},
		ConditionExpression:      aws.String("attribute_exists(#until) AND attribute_exists(DueAt)"),
		UpdateExpression:         aws.String("SET #until = :past, DueAt = :then"),
		ExpressionAttributeNames: map[string]string{"#until": until},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":past": &types.AttributeValueMemberN{Value: "1"},
			":then": &types.AttributeValueMemberS{Value: "2020-01-01T00:00:00.000Z"},
		},
	})
	if _, free := errors.AsType[*types.ConditionalCheckFailedException](err); err != nil && !free {
		t.Fatal(err)
	}
	c.tick(t)
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
