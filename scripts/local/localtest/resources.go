package localtest

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"coffer/scripts/local/ses"
)

// TableOption adds to a table's common shape.
type TableOption func(*ddb.CreateTableInput)

// Due adds the index of due tasks and stale leases, on DueShard and DueAt.
func Due(in *ddb.CreateTableInput) {
	in.AttributeDefinitions = append(in.AttributeDefinitions,
		ddbtypes.AttributeDefinition{AttributeName: new("DueShard"), AttributeType: ddbtypes.ScalarAttributeTypeS},
		ddbtypes.AttributeDefinition{AttributeName: new("DueAt"), AttributeType: ddbtypes.ScalarAttributeTypeS})
	in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, ddbtypes.GlobalSecondaryIndex{
		IndexName:  new("Due"),
		KeySchema:  keySchema("DueShard", "DueAt"),
		Projection: &ddbtypes.Projection{ProjectionType: ddbtypes.ProjectionTypeAll},
	})
}

// Table makes a table with the keys PK and SK and returns its name. It goes
// when the test ends.
func (c *Cloud) Table(t testing.TB, options ...TableOption) string {
	t.Helper()
	db := ddb.NewFromConfig(c.AWS)
	in := &ddb.CreateTableInput{
		TableName:   new(name("table")),
		BillingMode: ddbtypes.BillingModePayPerRequest,
		KeySchema:   keySchema("PK", "SK"),
		AttributeDefinitions: []ddbtypes.AttributeDefinition{
			{AttributeName: new("PK"), AttributeType: ddbtypes.ScalarAttributeTypeS},
			{AttributeName: new("SK"), AttributeType: ddbtypes.ScalarAttributeTypeS},
		},
	}
	for _, o := range options {
		o(in)
	}
	if _, err := db.CreateTable(t.Context(), in); err != nil {
		t.Fatalf("create a table: %v", err)
	}
	t.Cleanup(func() {
		if _, err := db.DeleteTable(context.Background(), &ddb.DeleteTableInput{TableName: in.TableName}); err != nil {
			t.Errorf("delete table: %v", err)
		}
	})
	return *in.TableName
}

// TTL lets items expire at the Unix second in their attribute Expires. When
// they go, after that second, is up to the server.
func (c *Cloud) TTL(t testing.TB, table string) {
	t.Helper()
	_, err := ddb.NewFromConfig(c.AWS).UpdateTimeToLive(t.Context(), &ddb.UpdateTimeToLiveInput{
		TableName:               &table,
		TimeToLiveSpecification: &ddbtypes.TimeToLiveSpecification{AttributeName: new("Expires"), Enabled: aws.Bool(true)},
	})
	if err != nil {
		t.Fatalf("time to live: %v", err)
	}
}

// Bucket makes a bucket and returns its name. It goes when the test ends.
func (c *Cloud) Bucket(t testing.TB) string {
	t.Helper()
	bucket := name("bucket")
	if _, err := awss3.NewFromConfig(c.AWS).CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatalf("create a bucket: %v", err)
	}
	t.Cleanup(func() {
		err := errors.Join(
			os.RemoveAll(filepath.Join(c.dir, "objects", bucket)), // one call, however many objects
			os.RemoveAll(filepath.Join(c.dir, "versions", bucket)))
		if err != nil {
			t.Errorf("delete bucket: %v", err)
		}
	})
	return bucket
}

// Key makes a KMS key and returns its ARN.
func (c *Cloud) Key(t testing.TB) string {
	t.Helper()
	arn, err := c.kms.Key(name("key"))
	if err != nil {
		t.Fatalf("make a key: %v", err)
	}
	return arn
}

// Queue makes a standard queue with SQS's usual attributes and returns its URL.
func (c *Cloud) Queue(t testing.TB) string {
	t.Helper()
	out, err := awssqs.NewFromConfig(c.AWS).CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: new(name("queue"))})
	if err != nil {
		t.Fatalf("create a queue: %v", err)
	}
	return *out.QueueUrl
}

// Received takes all messages that are visible in a queue, deletes them and
// returns their bodies, oldest first within a message group.
func (c *Cloud) Received(t testing.TB, queueURL string) []string {
	t.Helper()
	client := awssqs.NewFromConfig(c.AWS)
	var bodies []string
	for {
		out, err := client.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: &queueURL, MaxNumberOfMessages: 10})
		if err != nil {
			t.Fatalf("receive: %v", err)
		}
		if len(out.Messages) == 0 {
			return bodies
		}
		for _, m := range out.Messages {
			bodies = append(bodies, *m.Body)
			if _, err := client.DeleteMessage(t.Context(), &awssqs.DeleteMessageInput{QueueUrl: &queueURL, ReceiptHandle: m.ReceiptHandle}); err != nil {
				t.Fatalf("delete a message: %v", err)
			}
		}
	}
}

// Secret makes a secret with this value, in general a JSON document, and
// returns its name, which begins with the given one.
func (c *Cloud) Secret(t testing.TB, prefix, value string) string {
	t.Helper()
	n := name(prefix)
	in := &secretsmanager.CreateSecretInput{Name: &n, SecretString: &value}
	if _, err := secretsmanager.NewFromConfig(c.AWS).CreateSecret(t.Context(), in); err != nil {
		t.Fatalf("create a secret: %v", err)
	}
	return n
}

// Mails returns the mails that were sent to an address, the newest first. Tests
// of one binary share the mailbox, so each should write to an address of its
// own.
func (c *Cloud) Mails(_ testing.TB, to string) []ses.Mail {
	var out []ses.Mail
	for _, m := range c.mails.Mails() {
		if slices.Contains(m.To, to) {
			out = append(out, m)
		}
	}
	return out
}

// name is one that no other test uses, allowed for every kind of resource.
func name(kind string) string {
	return kind + "-" + strings.ToLower(rand.Text())
}

func keySchema(hash, sort string) []ddbtypes.KeySchemaElement {
	return []ddbtypes.KeySchemaElement{
		{AttributeName: &hash, KeyType: ddbtypes.KeyTypeHash},
		{AttributeName: &sort, KeyType: ddbtypes.KeyTypeRange},
	}
}
