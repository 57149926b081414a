package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
)

// newSecret returns the secret with Coffer's credentials at Box, as JSON. It
// begins with placeholders; the operator puts the real ones in, since nothing
// secret may stand in a template.
func newSecret(stack awscdk.Stack, key awskms.IKey) awssecretsmanager.CfnSecret {
	secret := awssecretsmanager.NewCfnSecret(stack, new("BoxSecret"), &awssecretsmanager.CfnSecretProps{
		Description: new("Coffer's application at Box: client_id, client_secret and, for JWT, jwt"),
		KmsKeyId:    key.KeyArn(),
		GenerateSecretString: &awssecretsmanager.CfnSecret_GenerateSecretStringProperty{
			SecretStringTemplate: new(`{"client_id":"to be filled in"}`),
			GenerateStringKey:    new("client_secret"),
		},
	})
	secret.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	accept(secret, "Box gives out these credentials and has no call to change them; an operator does it in Box's console.", "AwsSolutions-SMG4")
	return secret
}
