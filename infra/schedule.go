package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
)

// runs has EventBridge Scheduler invoke the function at the times of
// expression, in UTC, and rings where it did not within so many minutes. A time
// that failed is not tried again: what is due will still be due at the next.
func (f *function) runs(expression string, within float64) {
	f.interval = within
	f.region.scheduled = append(f.region.scheduled, f)
	stack := f.region.stack
	role := awsiam.NewRole(stack, new(f.name+"-schedule-role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(new("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
		}),
	})
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   actions("lambda", "InvokeFunction"),
		Resources: &[]*string{f.FunctionArn()},
	}))
	schedule := awsscheduler.NewCfnSchedule(stack, new(f.name+"-schedule"), &awsscheduler.CfnScheduleProps{
		Description:        new(strings.ToUpper(f.name[:1]) + f.name[1:] + ", " + expression),
		ScheduleExpression: &expression,
		FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: new("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn:     f.FunctionArn(),
			RoleArn: role.RoleArn(),
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumRetryAttempts:     new(0.0),
				MaximumEventAgeInSeconds: new(60.0),
			},
		},
	})
	schedule.Node().AddDependency(role)
	const why = "What was due at a time that failed is still due at the next one, and alarms tell of the failure."
	accept(f.Function, why, "Serverless-LambdaDLQ")
	accept(awslambda.NewEventInvokeConfig(stack, new(f.name+"-invoke"), &awslambda.EventInvokeConfigProps{
		Function:      f.Function,
		RetryAttempts: new(0.0),
		MaxEventAge:   awscdk.Duration_Seconds(new(60.0)),
	}), why, "Serverless-LambdaAsyncFailureDestination")
}
