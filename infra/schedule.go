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
	f.schedule(expression, within, &awsscheduler.CfnSchedule_TargetProperty{
		Arn: f.FunctionArn(),
		RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
			MaximumRetryAttempts:     new(0.0),
			MaximumEventAgeInSeconds: new(60.0),
		},
	}, allow(actions("lambda", "InvokeFunction"), f.FunctionArn()))
	const why = "What was due at a time that failed is still due at the next one, and alarms tell of the failure."
	accept(f.Function, why, "Serverless-LambdaDLQ")
	accept(awslambda.NewEventInvokeConfig(f.region.stack, new(f.name+"-invoke"), &awslambda.EventInvokeConfigProps{
		Function:      f.Function,
		RetryAttempts: new(0.0),
		MaxEventAge:   awscdk.Duration_Seconds(new(60.0)),
	}), why, "Serverless-LambdaAsyncFailureDestination")
}

// getsAt is runs by way of the queue that the function receives from, which gets
// the message. Scheduler tries for an hour to send it.
func (f *function) getsAt(expression string, within float64, q queue, message string) {
	send := allow(actions("kms", "Decrypt", "GenerateDataKey"), f.region.key.KeyArn())
	send.AddCondition(new("StringEquals"), map[string]any{"kms:ViaService": "sqs." + *f.region.stack.Region() + ".amazonaws.com"})
	f.schedule(expression, within, &awsscheduler.CfnSchedule_TargetProperty{
		Arn:   q.QueueArn(),
		Input: &message,
		RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
			MaximumRetryAttempts:     new(10.0),
			MaximumEventAgeInSeconds: new(3600.0),
		},
	}, allow(actions("sqs", "SendMessage"), q.QueueArn()), send)
}

// schedule reaches a target at the times of expression, with rights of its own.
func (f *function) schedule(expression string, within float64, target *awsscheduler.CfnSchedule_TargetProperty, rights ...awsiam.PolicyStatement) {
	f.interval = within
	f.region.scheduled = append(f.region.scheduled, f)
	stack := f.region.stack
	role := awsiam.NewRole(stack, new(f.name+"-schedule-role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(new("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
		}),
	})
	for _, right := range rights {
		role.AddToPolicy(right)
	}
	target.RoleArn = role.RoleArn()
	schedule := awsscheduler.NewCfnSchedule(stack, new(f.name+"-schedule"), &awsscheduler.CfnScheduleProps{
		Description:        new(strings.ToUpper(f.name[:1]) + f.name[1:] + ", " + expression),
		ScheduleExpression: &expression,
		FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: new("OFF")},
		Target:             target,
	})
	schedule.Node().AddDependency(role)
}

func allow(actions *[]*string, resource *string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: actions, Resources: &[]*string{resource}})
}
