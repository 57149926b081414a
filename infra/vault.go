package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
)

const (
	exportDays    = 4.0   // links to exports live 72 hours
	uploadDays    = 7.0   // after which unfinished uploads are dropped
	accessLogDays = 400.0 // longer than a year, for those who look back
	// signatureAge is how old, in milliseconds, a signed request may be. It
	// bounds the life of links to objects, whoever made them.
	signatureAge = 10 * 60 * 1000
)

const (
	packs    = "packs/*"
	catalogs = "catalogs/*"
	people   = "people/*"
	marks    = "marks/*" // prune's own notes
)

// once are the objects of backups: written once and, by prune alone, deleted.
var once = []string{packs, catalogs, people}

// newVault returns the vault bucket: packs, catalogs, lists of people and
// exports. Its own policy, over those of the roles, refuses to overwrite the first
// three and to be read by old links; protect adds who may delete.
func newVault(stack awscdk.Stack, key awskms.IKey) awss3.Bucket {
	logs := newBucket(stack, "AccessLogs", awss3.BucketProps{
		Encryption: awss3.BucketEncryption_S3_MANAGED, // S3 delivers access logs under no other
		LifecycleRules: &[]*awss3.LifecycleRule{
			{Id: new("expire"), Expiration: awscdk.Duration_Days(new(accessLogDays)), AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(new(uploadDays))},
		},
	})
	vault := newBucket(stack, "Vault", awss3.BucketProps{
		Encryption:             awss3.BucketEncryption_KMS,
		EncryptionKey:          key,
		BucketKeyEnabled:       new(true),
		ServerAccessLogsBucket: logs,
		ServerAccessLogsPrefix: new("vault/"),
		LifecycleRules: &[]*awss3.LifecycleRule{
			{Id: new("uploads"), AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(new(uploadDays))},
			{Id: new("exports"), Prefix: new("exports/"), Expiration: awscdk.Duration_Days(new(exportDays))},
		},
	})
	vault.AddToResourcePolicy(deny("OldSignatures", actions("s3", "GetObject"), objects(vault, "*"), map[string]any{
		"NumericGreaterThan": map[string]any{"s3:signatureAge": signatureAge},
	}))
	vault.AddToResourcePolicy(deny("Overwriting", actions("s3", "PutObject"), objects(vault, once...), map[string]any{
		"Null": map[string]any{"s3:if-none-match": "true"},
		"Bool": map[string]any{"s3:ObjectCreationOperation": "true"}, // parts of an upload carry no condition
	}))
	return vault
}

// newBucket completes props with what is the same for every bucket.
func newBucket(stack awscdk.Stack, id string, props awss3.BucketProps) awss3.Bucket {
	props.BlockPublicAccess = awss3.BlockPublicAccess_BLOCK_ALL()
	props.ObjectOwnership = awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED
	props.EnforceSSL = new(true)
	props.MinimumTLSVersion = new(1.2)
	props.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	b := awss3.NewBucket(stack, &id, &props)
	pin(b, id+"Bucket")
	return b
}

// protect refuses deletion in the vault to everyone but prune, administrators
// included: they would have to change the bucket's policy first.
func protect(vault awss3.Bucket, prune awsiam.IRole) {
	vault.AddToResourcePolicy(deny("Deleting", actions("s3", "DeleteObject", "DeleteObjectVersion"), objects(vault, once...), map[string]any{
		"ArnNotEquals": map[string]any{"aws:PrincipalArn": prune.RoleArn()},
	}))
}

func deny(id string, actions, resources *[]*string, conditions map[string]any) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        &id,
		Effect:     awsiam.Effect_DENY,
		Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
		Actions:    actions,
		Resources:  resources,
		Conditions: &conditions,
	})
}

func objects(b awss3.IBucket, patterns ...string) *[]*string {
	arns := make([]*string, len(patterns))
	for i, p := range patterns {
		arns[i] = b.ArnForObjects(&p)
	}
	return &arns
}
