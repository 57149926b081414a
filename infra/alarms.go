package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"

	"coffer/shared/metric"
)

// alarm is a condition that an operator should know of. Its runbook is the
// section of that name in README.md.
type alarm struct {
	id      string
	what    string
	runbook string
	metric  awscloudwatch.IMetric
	above   float64
	below   float64 // instead of above, where it is not zero
	periods float64 // how long it must last; one where it is zero
}

// tooLate is the part of its time that a function should never need: workers
// hand over well before it.
const tooLate = 0.95

// newAlarms watches every queue, every function and the API.
func (r *region) newAlarms() {
	topic := r.newTopic()
	for _, q := range r.queues.all() {
		r.alarm(topic, alarm{
			id: q.name + "-dead-letters", what: "Messages that failed five times are in the dead-letter queue of " + q.name + ".",
			runbook: "dead-letters", metric: q.dead.MetricApproximateNumberOfMessagesVisible(every(1, "Maximum")),
		})
		r.alarm(topic, alarm{
			id: q.name + "-waiting", what: "A message has waited for " + q.name + " for more than two hours.",
			runbook: "waiting", metric: q.MetricApproximateAgeOfOldestMessage(every(5, "Maximum")), above: 2 * 60 * 60,
		})
	}
	for _, f := range r.functions {
		r.alarm(topic, alarm{
			id: f.name + "-errors", what: "The function " + f.name + " fails.",
			runbook: "errors", metric: f.MetricErrors(every(5, "Sum")), periods: 2,
		})
		r.alarm(topic, alarm{
			id: f.name + "-throttles", what: "AWS runs no more copies of the function " + f.name + ".",
			runbook: "throttles", metric: f.MetricThrottles(every(5, "Sum")), periods: 3,
		})
		r.alarm(topic, alarm{
			id: f.name + "-slow", what: "The function " + f.name + " is about to run out of time.",
			runbook: "slow", metric: f.MetricDuration(every(5, "Maximum")), above: f.timeout * 1000 * tooLate,
		})
	}
	for _, f := range r.scheduled {
		r.alarm(topic, alarm{
			id: f.name + "-missing", what: "The function " + f.name + " was not started when it should have been.",
			runbook: "missing", metric: f.MetricInvocations(every(f.interval, "Sum")), below: 1,
		})
	}
	r.alarm(topic, alarm{
		id: "damaged", what: "Verification has found a backup damaged.",
		runbook: "damaged", metric: logged("Damaged", "Maximum"),
	})
	r.alarm(topic, alarm{
		id: "poisoned", what: "A function failed at an item, which was left out of a backup.",
		runbook: "poisoned", metric: logged("Poisoned", "Sum"),
	})
	r.alarm(topic, alarm{
		id: "api-errors", what: "The API answers with errors of its own.",
		runbook: "errors", metric: r.api.MetricServerError(every(5, "Sum")), above: 5,
	})
	r.alarm(topic, alarm{
		id: "api-slow", what: "One request in twenty takes more than five seconds.",
		runbook: "slow", metric: r.api.MetricLatency(every(5, "p95")), above: 5000, periods: 3,
	})
}

func (r *region) alarm(topic awssns.ITopic, a alarm) {
	props := &awscloudwatch.AlarmProps{
		AlarmDescription:  new(a.what + " Runbook: infra/README.md#" + a.runbook),
		Metric:            a.metric,
		Threshold:         &a.above,
		EvaluationPeriods: new(max(a.periods, 1)),
		TreatMissingData:  awscloudwatch.TreatMissingData_NOT_BREACHING,

		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
	}
	if a.below != 0 {
		props.Threshold = &a.below
		props.ComparisonOperator = awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD
		props.TreatMissingData = awscloudwatch.TreatMissingData_BREACHING
	}
	awscloudwatch.NewAlarm(r.stack, new("alarm-"+a.id), props).AddAlarmAction(awscloudwatchactions.NewSnsAction(topic))
}

// newTopic returns the topic that alarms are published to.
func (r *region) newTopic() awssns.Topic {
	topic := awssns.NewTopic(r.stack, new("Alarms"), &awssns.TopicProps{
		DisplayName: new("Coffer alarms"),
		MasterKey:   r.key,
		EnforceSSL:  new(true),
	})
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        new("Alarms"), // a topic with a policy of its own admits nobody by default
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(new("cloudwatch.amazonaws.com"), nil)},
		Actions:    actions("sns", "Publish"),
		Resources:  &[]*string{topic.TopicArn()},
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": r.stack.Account()}},
	}))
	if address := r.settings.Operator; strings.Contains(address, "@") {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(&address, nil))
	}
	return topic
}

// logged is what functions count, each in a line of its log.
func logged(name, statistic string) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: new(metric.Namespace), MetricName: &name,
		Period: awscdk.Duration_Minutes(new(5.0)), Statistic: &statistic, Label: new(strings.ToLower(name)),
	})
}

func every(minutes float64, statistic string) *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Period: awscdk.Duration_Minutes(&minutes), Statistic: &statistic}
}
