package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
)

// region is a Region stack: everything that accounts of one AWS region need.
// Nothing in it refers to another region but the directory, which has a
// replica in each.
type region struct {
	name      string
	stack     awscdk.Stack
	settings  *settings
	key       awskms.Key
	tables    tables
	directory table
	vault     awss3.Bucket
	queues    queues
	secret    awssecretsmanager.CfnSecret
	api       awsapigatewayv2.HttpApi
	functions []*function
	scheduled []*function
}

func newRegion(app awscdk.App, name string, s *settings) {
	where := name
	if l := s.Locations[name]; l != "" {
		where = l
	}
	stack := newStack(app, name, name, "Coffer: accounts in "+where)
	key := newKey(stack)
	r := &region{
		name:      name,
		stack:     stack,
		settings:  s,
		key:       key,
		tables:    newTables(stack, key),
		directory: directoryIn(stack),
		vault:     newVault(stack, key),
		queues:    newQueues(stack, key),
		secret:    newSecret(stack, key),
		api:       newHTTPAPI(stack),
	}
	r.newFunctions()
	r.newAlarms()
	r.newDashboard()
	awscdk.NewCfnOutput(stack, new("Portal"), &awscdk.CfnOutputProps{Value: r.portal(), Description: new("Where people find the portal")})
	awscdk.NewCfnOutput(stack, new("BoxSecretName"), &awscdk.CfnOutputProps{Value: r.secret.Ref(), Description: new("The secret that Coffer's credentials at Box go into")})
}
