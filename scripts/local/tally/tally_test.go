package tally_test

import (
	"bytes"
	"context"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"coffer/scripts/local/localtest"
	"coffer/scripts/local/tally"
)

func TestS3RequestsAreCountedAsTheyAreBilled(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	bucket := cloud.Bucket(t)
	var counter tally.Tally
	through := httptest.NewServer(counter.Through("S3", endpoint(t, cloud.AWS, "S3")))
	t.Cleanup(through.Close)
	client := s3.NewFromConfig(cloud.AWS, func(o *s3.Options) { o.UsePathStyle, o.BaseEndpoint = true, &through.URL })
	body := bytes.Repeat([]byte("x"), 100_000)
	if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("a"), Body: bytes.NewReader(body)}); err != nil {
		t.Fatal(err)
	}
	got, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: aws.String("a")})
	if err != nil {
		t.Fatal(err)
	}
	if back, err := io.ReadAll(got.Body); err != nil || !bytes.Equal(back, body) {
		t.Errorf("got %d bytes, %v", len(back), err)
	}
	_ = got.Body.Close()
	before := counter.Now()
	if _, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: aws.String("a")}); err != nil {
		t.Fatal(err)
	}
	if before.Puts != 1 || before.Gets != 1 || before.Sent < 100_000 || before.Received < 100_000 {
		t.Errorf("put and get: %+v", before)
	}
	if after := counter.Now().Sub(before); after.Puts != 1 || after.Gets != 0 || after.Deletes != 1 || after.Calls["S3"] != 2 {
		t.Errorf("list and delete: %+v", after)
	}
}

func TestCapacityUnitsAreThoseOfDynamoDB(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	table := cloud.Table(t)
	var counter tally.Tally
	through := httptest.NewServer(counter.Through("DynamoDB", endpoint(t, cloud.AWS, "DynamoDB")))
	t.Cleanup(through.Close)
	client := dynamodb.NewFromConfig(cloud.AWS, func(o *dynamodb.Options) { o.BaseEndpoint = &through.URL })
	item := map[string]types.AttributeValue{
		"PK": &types.AttributeValueMemberS{Value: "a"}, "SK": &types.AttributeValueMemberS{Value: "b"},
		"Text": &types.AttributeValueMemberS{Value: strings.Repeat("x", 2500)},
	}
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item}); err != nil {
		t.Fatal(err)
	}
	put := counter.Now()
	if put.Writes != 3 || put.Reads != 0 { // a unit for each begun KB
		t.Errorf("an item of 2.5 KB took %+v", put)
	}
	_, err := client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{{Put: &types.Put{TableName: &table, Item: item}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	transaction := counter.Now().Sub(put)
	if transaction.Writes != 6 { // twice as much
		t.Errorf("in a transaction it took %+v", transaction)
	}
	before := counter.Now()
	delete(item, "Text")
	if _, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: item, ConsistentRead: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	if got := counter.Now().Sub(before); got.Reads != 1 || got.Writes != 0 {
		t.Errorf("reading it took %+v", got)
	}
}

func endpoint(t *testing.T, cfg aws.Config, id string) string {
	t.Helper()
	for _, source := range cfg.ConfigSources {
		finder, ok := source.(interface {
			GetServiceBaseEndpoint(ctx context.Context, id string) (string, bool, error)
		})
		if !ok {
			continue
		}
		if url, found, err := finder.GetServiceBaseEndpoint(t.Context(), id); err == nil && found {
			return url
		}
	}
	t.Fatalf("no endpoint of %s", id)
	return ""
}
