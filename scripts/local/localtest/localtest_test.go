package localtest_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/logging"
	"github.com/google/go-cmp/cmp"
	"github.com/guregu/dynamo/v2"

	"coffer/scripts/local/localtest"
)

type item struct {
	PK string `dynamo:"PK,hash"`
	SK string `dynamo:"SK,range"`

	DueShard, DueAt string
}

func TestTableWithIndexWorksThroughDynamo(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	var log bytes.Buffer
	cfg := cloud.AWS.Copy()
	cfg.Logger = logging.NewStandardLogger(&log)
	name := cloud.Table(t, localtest.Due)
	cloud.TTL(t, name)
	table := dynamo.New(cfg).Table(name)
	put := item{"a", "1", "due#0", "2026"}
	if err := table.Put(put).If("attribute_not_exists(PK)").Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := table.Put(put).If("attribute_not_exists(PK)").Run(t.Context()); !dynamo.IsCondCheckFailed(err) {
		t.Errorf("second put got %v, want a failed condition", err)
	}
	var got item
	err := table.Get("DueShard", "due#0").Range("DueAt", dynamo.Less, "2027").Index("Due").One(t.Context(), &got)
	if err != nil || got != put {
		t.Errorf("got %+v, %v, want %+v", got, err, put)
	}
	if log.Len() > 0 {
		t.Errorf("the SDK logged: %s", log.String())
	}
}

func TestBucketKeepsObjectsOnce(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	client, bucket := s3.NewFromConfig(cloud.AWS), cloud.Bucket(t)
	in := s3.PutObjectInput{Bucket: &bucket, Key: new("packs/1"), IfNoneMatch: new("*")}
	in.Body = strings.NewReader("one")
	if _, err := client.PutObject(t.Context(), &in); err != nil {
		t.Fatal(err)
	}
	in.Body = strings.NewReader("two")
	if _, err := client.PutObject(t.Context(), &in); err == nil {
		t.Error("an object was written twice")
	}
	out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: in.Key})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	if b, err := io.ReadAll(out.Body); err != nil || string(b) != "one" {
		t.Errorf("got %q, %v", b, err)
	}
}

func TestKeySeals(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	client := kms.NewFromConfig(cloud.AWS)
	sealed, err := client.Encrypt(t.Context(), &kms.EncryptInput{KeyId: aws.String(cloud.Key(t)), Plaintext: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: sealed.CiphertextBlob}); err != nil {
		t.Error(err)
	}
}

func TestQueueSecretAndMail(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	queue := cloud.Queue(t)
	if _, err := sqs.NewFromConfig(cloud.AWS).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: new("a")}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(cloud.Received(t, queue), []string{"a"}); d != "" {
		t.Errorf("received (-got +want):\n%s", d)
	}

	name := cloud.Secret(t, "box", `{"client_id":"x"}`)
	got, err := secretsmanager.NewFromConfig(cloud.AWS).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil || *got.SecretString != `{"client_id":"x"}` {
		t.Errorf("secret: got %v, %v", got, err)
	}

	_, err = sesv2.NewFromConfig(cloud.AWS).SendEmail(t.Context(), &sesv2.SendEmailInput{
		FromEmailAddress: new("a@example.com"), Destination: &sestypes.Destination{ToAddresses: []string{"localtest@example.com"}},
		Content: &sestypes.EmailContent{Simple: &sestypes.Message{
			Subject: &sestypes.Content{Data: new("Hello")}, Body: &sestypes.Body{Text: &sestypes.Content{Data: new("x")}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if mails := cloud.Mails(t, "localtest@example.com"); len(mails) != 1 || mails[0].Subject != "Hello" {
		t.Errorf("mails: got %+v", mails)
	}
}
