package template

import (
	"fmt"
	"time"
)

// ignored marks properties that mean nothing on one machine. Naming them keeps
// new ones from being overlooked.
type ignored = any

func addTable(p *Product, c *context) error {
	var in struct {
		TableName            string
		AttributeDefinitions []struct{ AttributeName, AttributeType string }
		KeySchema            []KeyPart

		GlobalSecondaryIndexes  []Index
		TimeToLiveSpecification struct {
			AttributeName string
			Enabled       bool
		}

		BillingMode            ignored // nobody is billed
		SSESpecification       ignored // files are as safe as the folder they are in
		Replicas               ignored // one machine, one region; the rest is backup and protection
		Tags                   ignored
		WarmThroughput         ignored
		MultiRegionConsistency ignored
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	id, err := c.identity("dynamodb", "table/")
	if err != nil {
		return err
	}
	t := Table{Identity: id, Key: in.KeySchema, Indexes: in.GlobalSecondaryIndexes, Attributes: map[string]string{}}
	for _, a := range in.AttributeDefinitions {
		t.Attributes[a.AttributeName] = a.AttributeType
	}
	if in.TimeToLiveSpecification.Enabled {
		t.TTL = in.TimeToLiveSpecification.AttributeName
	}
	p.Tables = append(p.Tables, t)
	return nil
}

func addBucket(p *Product, c *context) error {
	var in struct {
		BucketName              string
		VersioningConfiguration struct{ Status string }
		ObjectLockEnabled       bool

		BucketEncryption               ignored // files are as safe as the folder they are in
		PublicAccessBlockConfiguration ignored // the server listens on loopback
		OwnershipControls              ignored
		LifecycleConfiguration         ignored // moves and ends objects after days; the S3 server has none
		LoggingConfiguration           ignored
		Tags                           ignored
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	name, err := c.physical(c.id)
	p.Buckets = append(p.Buckets, Bucket{
		Identity:  Identity{ID: c.id, Name: name, ARN: "arn:aws:s3:::" + name},
		Versioned: in.VersioningConfiguration.Status == "Enabled",
		Lock:      in.ObjectLockEnabled,
	})
	return err
}

func addQueue(p *Product, c *context) error {
	in := struct {
		QueueName              string
		VisibilityTimeout      int
		MessageRetentionPeriod int
		RedrivePolicy          struct {
			DeadLetterTargetArn string `json:"deadLetterTargetArn"`
			MaxReceiveCount     int    `json:"maxReceiveCount"`
		}

		KmsMasterKeyId               ignored // files are as safe as the folder they are in
		KmsDataKeyReusePeriodSeconds ignored
		SqsManagedSseEnabled         ignored
		RedriveAllowPolicy           ignored
		Tags                         ignored
	}{VisibilityTimeout: 30, MessageRetentionPeriod: 345600}
	if err := c.decode(&in); err != nil {
		return err
	}
	id, err := c.identity("sqs", "")
	if err != nil {
		return err
	}
	p.Queues = append(p.Queues, Queue{
		Identity:   id,
		URL:        c.place.Queue(id.Name),
		Visibility: seconds(in.VisibilityTimeout),
		Retention:  seconds(in.MessageRetentionPeriod),
		DeadLetter: in.RedrivePolicy.DeadLetterTargetArn,
		MaxReceive: in.RedrivePolicy.MaxReceiveCount,
	})
	return nil
}

func addKey(p *Product, c *context) error {
	var in struct {
		Description          ignored
		EnableKeyRotation    ignored // the local key lives as long as the state folder
		Enabled              ignored
		KeyPolicy            ignored // access is checked on the template
		KeySpec              string
		KeyUsage             string
		MultiRegion          ignored
		PendingWindowInDays  ignored
		RotationPeriodInDays ignored
		Tags                 ignored
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.KeySpec != "" && in.KeySpec != "SYMMETRIC_DEFAULT" {
		return fmt.Errorf("key spec %s is not supported", in.KeySpec)
	}
	name, err := c.physical(c.id)
	if err != nil {
		return err
	}
	arn, err := c.place.Key(name)
	p.Keys = append(p.Keys, Key{Identity{ID: c.id, Name: name, ARN: arn}})
	return err
}

func addSecret(p *Product, c *context) error {
	var in struct {
		Name string

		Description          ignored
		GenerateSecretString ignored // operators, or the runner, put the value
		KmsKeyId             ignored
		ReplicaRegions       ignored
		Tags                 ignored
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	id, err := c.identity("secretsmanager", "secret:")
	p.Secrets = append(p.Secrets, Secret{id})
	return err
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
