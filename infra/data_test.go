package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTablesOutliveMistakes(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, id string, r resource) {
		if r.DeletionPolicy != "Retain" {
			t.Errorf("deletion policy %q", r.DeletionPolicy)
		}
		if r.Properties["BillingMode"] != "PAY_PER_REQUEST" {
			t.Errorf("billing mode %v", r.Properties["BillingMode"])
		}
		if at(r.Properties, "SSESpecification.SSEType") != "KMS" {
			t.Errorf("encryption %v", r.Properties["SSESpecification"])
		}
		if got, want := compact(r.Properties["KeySchema"]), `[{"AttributeName":"PK","KeyType":"HASH"},{"AttributeName":"SK","KeyType":"RANGE"}]`; got != want {
			t.Errorf("key %s", got)
		}
		days := recoveryDays
		if id == "ContentsTable" {
			days = 7 // what the erasure of a content promises
		}
		for _, replica := range list(r.Properties["Replicas"]) {
			for path, want := range map[string]any{
				"DeletionProtectionEnabled":                                   true,
				"PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": true,
				"PointInTimeRecoverySpecification.RecoveryPeriodInDays":       days,
			} {
				if got := at(replica, path); got != want {
					t.Errorf("%s is %v, not %v", path, got, want)
				}
			}
			if key := compact(at(replica, "SSESpecification.KMSMasterKeyId")); !strings.Contains(key, `"Key"`) && !strings.Contains(key, keyAlias) {
				t.Errorf("key %s is not the region's own", key)
			}
		}
	}
	each(t, region1, "AWS::DynamoDB::GlobalTable", check)
	each(t, directory1, "AWS::DynamoDB::GlobalTable", check)
}

func TestDirectoryHasAReplicaInEveryRegion(t *testing.T) {
	t.Parallel()
	var regions []string
	for _, replica := range list(directory1.Resources["DirectoryTable"].Properties["Replicas"]) {
		regions = append(regions, at(replica, "Region").(string))
	}
	slices.Sort(regions)
	if diff := cmp.Diff(regions, []string{testRegion, "us-east-1"}); diff != "" {
		t.Error(diff)
	}
}

// A changed logical id replaces a resource by an empty one, so these never
// change.
func TestDataKeepsItsIds(t *testing.T) {
	t.Parallel()
	data := []string{
		"AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::SecretsManager::Secret", "AWS::SQS::Queue",
	}
	got := map[string]string{}
	for _, in := range []*template{region1, directory1} {
		for id, r := range in.Resources {
			if slices.Contains(data, r.Type) {
				got[id] = r.Type
			}
		}
	}
	want := map[string]string{
		"AccessLogsBucket": "AWS::S3::Bucket", "VaultBucket": "AWS::S3::Bucket",
		"Key": "AWS::KMS::Key", "BoxSecret": "AWS::SecretsManager::Secret",
	}
	for _, id := range []string{"Accounts", "Audit", "Contents", "Directory", "Jobs", "Snapshots", "Tasks"} {
		want[id+"Table"] = "AWS::DynamoDB::GlobalTable"
	}
	for _, id := range []string{"act", "backup", "count", "mail", "prune", "recover", "report", "scan"} {
		want[id+"Queue"], want[id+"DeadLetters"] = "AWS::SQS::Queue", "AWS::SQS::Queue"
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Error(diff)
	}
	for id := range maps.Keys(got) {
		r, ok := region1.Resources[id]
		if ok && r.Type != "AWS::SQS::Queue" && r.DeletionPolicy != "Retain" {
			t.Errorf("%s has the deletion policy %q", id, r.DeletionPolicy)
		}
	}
}

func TestBucketsArePrivate(t *testing.T) {
	t.Parallel()
	each(t, region1, "AWS::S3::Bucket", func(t *testing.T, id string, r resource) {
		want := `{"BlockPublicAcls":true,"BlockPublicPolicy":true,"IgnorePublicAcls":true,"RestrictPublicBuckets":true}`
		if got := compact(r.Properties["PublicAccessBlockConfiguration"]); got != want {
			t.Errorf("public access: %s", got)
		}
		if got := at(r.Properties, "OwnershipControls.Rules.0.ObjectOwnership"); got != "BucketOwnerEnforced" {
			t.Errorf("ownership %v", got)
		}
		if at(r.Properties, "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm") == nil {
			t.Error("not encrypted")
		}
		if !strings.Contains(compact(r.Properties["LifecycleConfiguration"]), `"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":7}`) {
			t.Error("unfinished uploads are kept")
		}
		plain := `"Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"`
		old := `"Condition":{"NumericLessThan":{"s3:TlsVersion":1.2}},"Effect":"Deny"`
		if policy := policyOf(t, "AWS::S3::BucketPolicy", "Bucket", id); !strings.Contains(policy, plain) || !strings.Contains(policy, old) {
			t.Errorf("the policy admits other than TLS 1.2: %s", policy)
		}
	})
}

func TestVaultIsEncryptedLoggedAndWrittenOnce(t *testing.T) {
	t.Parallel()
	p := region1.Resources["VaultBucket"].Properties
	for path, want := range map[string]any{
		"BucketEncryption.ServerSideEncryptionConfiguration.0.BucketKeyEnabled":                           true,
		"BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm": "aws:kms",
		"LoggingConfiguration.DestinationBucketName.Ref":                                                  "AccessLogsBucket",
		"LifecycleConfiguration.Rules.1.Prefix":                                                           "exports/",
		"LifecycleConfiguration.Rules.1.ExpirationInDays":                                                 exportDays,
		"VersioningConfiguration":                                                                         nil,
	} {
		if got := at(p, path); got != want {
			t.Errorf("%s is %v, not %v", path, got, want)
		}
	}
	policy := policyOf(t, "AWS::S3::BucketPolicy", "Bucket", "VaultBucket")
	for what, part := range map[string]string{
		"overwriting":    `{"Action":"s3:PutObject","Condition":{"Bool":{"s3:ObjectCreationOperation":"true"},"Null":{"s3:if-none-match":"true"}},"Effect":"Deny"`,
		"old signatures": `"Condition":{"NumericGreaterThan":{"s3:signatureAge":600000}},"Effect":"Deny"`,
		"deleting":       `{"Action":["s3:DeleteObject","s3:DeleteObjectVersion"],"Condition":{"ArnNotEquals":{"aws:PrincipalArn":{"Fn::GetAtt":["prunerole`,
	} {
		if !strings.Contains(policy, part) {
			t.Errorf("the vault's policy does not refuse %s", what)
		}
	}
}

func TestKeyTurnsAndStays(t *testing.T) {
	t.Parallel()
	key := region1.Resources["Key"]
	if key.Properties["EnableKeyRotation"] != true || key.DeletionPolicy != "Retain" {
		t.Errorf("rotation %v, deletion policy %s", key.Properties["EnableKeyRotation"], key.DeletionPolicy)
	}
}

// policyOf returns the statements of the policy resource that belongs to a
// bucket, queue or topic.
func policyOf(t *testing.T, resourceType, property, id string) string {
	t.Helper()
	for _, r := range region1.Resources {
		if r.Type == resourceType && strings.Contains(compact(r.Properties[property]), `{"Ref":"`+id+`"}`) {
			return compact(at(r.Properties, "PolicyDocument.Statement"))
		}
	}
	t.Fatalf("%s has no policy", id)
	return ""
}
