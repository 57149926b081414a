// Package localtest gives tests the local cloud's AWS services, and the AWS
// configuration that finds them. The servers start when a test first asks, are
// shared by the test binary, and end with it. A server that is missing fails
// the test with what to do about it; it never skips.
//
//	cloud := localtest.Start(t)
//	tasks := task.New(cloud.AWS, cloud.Table(t, localtest.Due), …)
package localtest

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"coffer/scripts/local/dynamodb"
	"coffer/scripts/local/kms"
	"coffer/scripts/local/loopback"
	"coffer/scripts/local/s3"
	"coffer/scripts/local/scratch"
	"coffer/scripts/local/secrets"
	"coffer/scripts/local/ses"
	"coffer/scripts/local/sqs"
)

const (
	region = "us-east-1"
	access = "local"
	secret = "local-secret"
)

// Cloud is the running services.
type Cloud struct {
	AWS aws.Config // of the services; no environment variable is read

	kms   *kms.Server
	mails *ses.Server
	dir   string // of S3
}

// services is started once and never stopped: the children die with the
// binary, and what they leave on disk goes at the next start.
var services = sync.OnceValues(start)

// Start returns the services, started if need be.
func Start(t testing.TB) *Cloud {
	t.Helper()
	c, err := services()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func start() (*Cloud, error) {
	dir, err := scratch.New("coffer-localtest")
	if err != nil {
		return nil, err
	}
	c := &Cloud{dir: dir}
	if c.kms, err = kms.New(kms.Options{}); err != nil {
		return nil, err
	}
	found := endpoints{}
	queues, err := sqs.New(sqs.Options{Region: region})
	if err != nil {
		return nil, err
	}
	values, err := secrets.New(secrets.Options{Region: region})
	if err != nil {
		return nil, err
	}
	if c.mails, err = ses.New(ses.Options{}); err != nil {
		return nil, err
	}
	for id, h := range map[string]http.Handler{"KMS": c.kms, "SQS": queues, "Secrets Manager": values, "SESv2": c.mails} {
		srv, err := loopback.Serve("127.0.0.1:0", h)
		if err != nil {
			return nil, err
		}
		found[id] = srv.URL
	}
	// The two processes take seconds to start, so they start together.
	var wg sync.WaitGroup
	var database *dynamodb.Process
	var objects *s3.Process
	var databaseErr, objectsErr error
	wg.Go(func() {
		database, databaseErr = dynamodb.Start(context.Background(), dynamodb.Options{Temp: filepath.Join(dir, "dynamodb")})
	})
	wg.Go(func() {
		objects, objectsErr = s3.Start(context.Background(), s3.Options{Dir: dir, Region: region, AccessKey: access, SecretKey: secret})
	})
	wg.Wait()
	if err := errors.Join(databaseErr, objectsErr); err != nil {
		return nil, err
	}
	found["DynamoDB"], found["S3"] = database.Endpoint, objects.Endpoint
	c.AWS = aws.Config{
		Region:        region,
		Credentials:   credentials.NewStaticCredentialsProvider(access, secret, ""),
		ConfigSources: []any{found},
		ServiceOptions: []func(string, any){func(_ string, o any) {
			if o, ok := o.(*ddb.Options); ok {
				o.DisableValidateResponseChecksum = true // DynamoDB Local's is wrong on every error, and the SDK logs that
			}
		}},
	}
	return c, nil
}

// endpoints is a configuration source, as the environment would be one: each
// service's address by its SDK id.
type endpoints map[string]string

// GetServiceBaseEndpoint implements the SDK's endpoint lookup.
func (e endpoints) GetServiceBaseEndpoint(_ context.Context, sdkID string) (string, bool, error) {
	if url, ok := e[sdkID]; ok {
		return url, true, nil
	}
	return "http://127.0.0.1:1/the-local-cloud-has-no-" + sdkID, true, nil // never the real one
}
