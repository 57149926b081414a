package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
)

// newApp returns all stacks. They are written to outdir, or where the CDK
// says if that is nil.
func newApp(s *settings, outdir *string) awscdk.App {
	app := awscdk.NewApp(&awscdk.AppProps{Context: &s.context, Outdir: outdir, AnalyticsReporting: new(false)})
	awscdk.Tags_Of(app).Add(new("service"), new("coffer"), nil)
	for _, region := range s.Regions {
		newRegion(app, region, s)
	}
	newDirectory(app, s)
	return app
}

func newStack(app awscdk.App, name, region, description string) awscdk.Stack {
	return awscdk.NewStack(app, new("Coffer-"+name), &awscdk.StackProps{
		Env:                   &awscdk.Environment{Region: &region},
		Description:           &description,
		TerminationProtection: new(true),
	})
}

// pin gives a resource that holds data a logical id that does not depend on
// where it stands in the code, since another id means another, empty resource.
func pin(c constructs.IConstruct, id string) {
	c.Node().DefaultChild().(awscdk.CfnResource).OverrideLogicalId(&id)
}

// accept writes next to a resource why it is right although a rule of cdk-nag
// says otherwise. The rule is as cdk-nag names the finding, for instance
// "AwsSolutions-IAM5[Resource::*]".
func accept(c constructs.IConstruct, reason string, rules ...string) {
	resource, ok := c.(awscdk.CfnResource)
	if !ok {
		resource = c.Node().DefaultChild().(awscdk.CfnResource)
	}
	key := new("cdk_nag")
	var list []any
	if old, ok := resource.GetMetadata(key).(map[string]any); ok {
		list = old["rules_to_suppress"].([]any)
	}
	for _, rule := range rules {
		list = append(list, map[string]any{"id": rule, "reason": reason})
	}
	resource.AddMetadata(key, map[string]any{"rules_to_suppress": list})
}
