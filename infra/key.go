package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
)

// keyAlias names the region's key in every region, so that the directory table
// can name the keys of its replicas.
const keyAlias = "alias/coffer"

// newKey returns the region's only KMS key. It encrypts what AWS stores for us
// and wraps vault keys, catalog keys and Box tokens; roles may use it only
// through a named service, or for a named purpose (see function.go). Whoever
// loses it loses every backup of the region.
func newKey(stack awscdk.Stack) awskms.Key {
	key := awskms.NewKey(stack, new("Key"), &awskms.KeyProps{
		Description:       new("Coffer: everything stored in this region, vault keys and Box tokens"),
		Alias:             new(keyAlias),
		EnableKeyRotation: new(true),
		PendingWindow:     awscdk.Duration_Days(new(30.0)),
		RemovalPolicy:     awscdk.RemovalPolicy_RETAIN,
		Policy:            awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: keyPolicy(stack)}),
	})
	pin(key, "Key")
	return key
}

// keyPolicy lets the account administer the key and leave its use to the
// policies of roles, and lets alarms be published to an encrypted topic.
func keyPolicy(stack awscdk.Stack) *[]awsiam.PolicyStatement {
	administer := []string{
		"CancelKeyDeletion", "CreateAlias", "CreateGrant", "DeleteAlias", "DescribeKey", "DisableKey",
		"DisableKeyRotation", "EnableKey", "EnableKeyRotation", "GetKeyPolicy", "GetKeyRotationStatus", "ListGrants",
		"ListKeyPolicies", "ListKeyRotations", "ListResourceTags", "PutKeyPolicy", "RetireGrant", "RevokeGrant",
		"RotateKeyOnDemand", "ScheduleKeyDeletion", "TagResource", "UntagResource", "UpdateAlias", "UpdateKeyDescription",
	}
	use := []string{
		"Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo",
	}
	return &[]awsiam.PolicyStatement{
		awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        new("Account"),
			Principals: &[]awsiam.IPrincipal{awsiam.NewAccountRootPrincipal()},
			Actions:    actions("kms", append(administer, use...)...),
			Resources:  &[]*string{new("*")}, // in a key's policy, the key itself
		}),
		awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        new("Alarms"),
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(new("cloudwatch.amazonaws.com"), nil)},
			Actions:    actions("kms", "Decrypt", "GenerateDataKey"),
			Resources:  &[]*string{new("*")},
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
		}),
	}
}

// actions names actions of one service.
func actions(service string, names ...string) *[]*string {
	all := make([]*string, len(names))
	for i, n := range names {
		all[i] = new(service + ":" + n)
	}
	return &all
}
