package cloud

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	smtypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/sync/errgroup"

	"coffer/scripts/local/template"
	"coffer/shared/env"
)

// provision creates what does not exist yet of all that holds data.
func (s *services) provision(ctx context.Context, p *template.Product, values map[env.Setting]string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return createTables(ctx, s.AWS, p.Tables) })
	group.Go(func() error { return createBuckets(ctx, s.AWS, p.Buckets) })
	group.Go(func() error { return s.createQueues(ctx, p.Queues) })
	group.Go(func() error { return s.putSecrets(ctx, p, values) })
	return group.Wait()
}

// createTables creates the tables that do not exist yet. One that exists with
// another key is an error: its data would be out of reach.
func createTables(ctx context.Context, cfg aws.Config, tables []template.Table) error {
	db := dynamodb.NewFromConfig(cfg)
	for _, t := range tables {
		found, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.Name})
		if _, missing := errors.AsType[*dbtypes.ResourceNotFoundException](err); missing {
			err = createTable(ctx, db, t)
		} else if err == nil {
			err = sameTable(found.Table, t)
		}
		if err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	return nil
}

func createTable(ctx context.Context, db *dynamodb.Client, t template.Table) error {
	in := &dynamodb.CreateTableInput{
		TableName: &t.Name, KeySchema: schema(t.Key), BillingMode: dbtypes.BillingModePayPerRequest,
	}
	for _, name := range slices.Sorted(maps.Keys(t.Attributes)) {
		in.AttributeDefinitions = append(in.AttributeDefinitions, dbtypes.AttributeDefinition{
			AttributeName: &name, AttributeType: dbtypes.ScalarAttributeType(t.Attributes[name]),
		})
	}
	for _, i := range t.Indexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, dbtypes.GlobalSecondaryIndex{
			IndexName: &i.Name, KeySchema: schema(i.Key),
			Projection: &dbtypes.Projection{ProjectionType: dbtypes.ProjectionType(i.Projection.Type), NonKeyAttributes: i.Projection.Include},
		})
	}
	if _, err := db.CreateTable(ctx, in); err != nil {
		return err
	}
	if t.TTL == "" {
		return nil
	}
	_, err := db.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName:               &t.Name,
		TimeToLiveSpecification: &dbtypes.TimeToLiveSpecification{AttributeName: &t.TTL, Enabled: aws.Bool(true)},
	})
	return err
}

func schema(key []template.KeyPart) []dbtypes.KeySchemaElement {
	out := make([]dbtypes.KeySchemaElement, len(key))
	for i, k := range key {
		out[i] = dbtypes.KeySchemaElement{AttributeName: &k.Name, KeyType: dbtypes.KeyType(k.Type)}
	}
	return out
}

// sameTable reports how an existing table differs from the template.
func sameTable(have *dbtypes.TableDescription, want template.Table) error {
	describe := func(key []dbtypes.KeySchemaElement) string {
		var out string
		for _, k := range key {
			out += aws.ToString(k.AttributeName) + " " + string(k.KeyType) + " "
		}
		return out
	}
	old := map[string]string{}
	for _, i := range have.GlobalSecondaryIndexes {
		old[aws.ToString(i.IndexName)] = describe(i.KeySchema)
	}
	changed := describe(have.KeySchema) != describe(schema(want.Key)) || len(old) != len(want.Indexes)
	for _, i := range want.Indexes {
		changed = changed || old[i.Name] != describe(schema(i.Key))
	}
	if changed {
		return errors.New("its keys or indexes have changed since the state folder was made: set DATA to another folder")
	}
	return nil
}

// createBuckets creates the buckets that do not exist yet.
func createBuckets(ctx context.Context, cfg aws.Config, buckets []template.Bucket) error {
	client := s3.NewFromConfig(cfg)
	for _, b := range buckets {
		if _, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.Name}); err == nil {
			continue
		}
		_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{
			Bucket: &b.Name, ObjectLockEnabledForBucket: aws.Bool(b.Lock),
			CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(cfg.Region)},
		})
		if err == nil && b.Versioned {
			_, err = client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
				Bucket: &b.Name, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
			})
		}
		if err != nil {
			return fmt.Errorf("bucket %s: %w", b.Name, err)
		}
	}
	return nil
}

// createQueues creates queues or brings their settings up to date, those first
// that others move their failures to.
func (s *services) createQueues(ctx context.Context, queues []template.Queue) error {
	client := s.sqsClient()
	ordered := slices.Clone(queues)
	slices.SortStableFunc(ordered, func(a, b template.Queue) int { return strings.Compare(a.DeadLetter, b.DeadLetter) })
	for _, q := range ordered {
		attributes := map[string]string{
			"VisibilityTimeout":      strconv.Itoa(int(q.Visibility / time.Second)),
			"MessageRetentionPeriod": strconv.Itoa(int(q.Retention / time.Second)),
		}
		if q.DeadLetter != "" {
			attributes["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, q.DeadLetter, q.MaxReceive)
		}
		_, err := client.GetQueueUrl(ctx, &awssqs.GetQueueUrlInput{QueueName: &q.Name})
		if err == nil {
			_, err = client.SetQueueAttributes(ctx, &awssqs.SetQueueAttributesInput{QueueUrl: &q.URL, Attributes: attributes})
		} else {
			_, err = client.CreateQueue(ctx, &awssqs.CreateQueueInput{QueueName: &q.Name, Attributes: attributes})
		}
		if err != nil {
			return fmt.Errorf("queue %s: %w", q.Name, err)
		}
	}
	return nil
}

// putSecrets gives every secret its value. Which is which, functions'
// settings tell.
func (s *services) putSecrets(ctx context.Context, p *template.Product, values map[env.Setting]string) error {
	named := map[string]string{}
	for _, f := range p.Functions {
		for setting, value := range values {
			if name := f.Environment[string(setting)]; name != "" {
				named[name] = value
			}
		}
	}
	client := secretsmanager.NewFromConfig(s.AWS)
	for _, secret := range p.Secrets {
		value, ok := named[secret.ARN]
		if !ok {
			return errors.New("nothing is known to put into the secret " + secret.Name)
		}
		_, err := client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &secret.Name, SecretString: &value})
		if _, missing := errors.AsType[*smtypes.ResourceNotFoundException](err); missing {
			_, err = client.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &secret.Name, SecretString: &value})
		}
		if err != nil {
			return fmt.Errorf("secret %s: %w", secret.Name, err)
		}
	}
	return nil
}
