package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
)

// newDashboard shows the region on one page: how much waits and for how long,
// what fails, how long functions take, and how the API answers.
func (r *region) newDashboard() {
	var waiting, oldest, dead []awscloudwatch.IMetric
	for _, q := range r.queues.all() {
		label := awscloudwatch.MetricOptions{Label: &q.name}
		waiting = append(waiting, q.MetricApproximateNumberOfMessagesVisible(every(1, "Maximum")).With(&label))
		oldest = append(oldest, q.MetricApproximateAgeOfOldestMessage(every(1, "Maximum")).With(&label))
		dead = append(dead, q.dead.MetricApproximateNumberOfMessagesVisible(every(1, "Maximum")).With(&label))
	}
	var invocations, errors, throttles, duration, copies []awscloudwatch.IMetric
	for _, f := range r.functions {
		label := awscloudwatch.MetricOptions{Label: &f.name}
		invocations = append(invocations, f.MetricInvocations(every(1, "Sum")).With(&label))
		errors = append(errors, f.MetricErrors(every(1, "Sum")).With(&label))
		throttles = append(throttles, f.MetricThrottles(every(1, "Sum")).With(&label))
		duration = append(duration, f.MetricDuration(every(5, "p95")).With(&label))
		copies = append(copies, f.Metric(new("ConcurrentExecutions"), every(1, "Maximum")).With(&label))
	}
	api := []awscloudwatch.IMetric{
		r.api.MetricCount(every(1, "Sum")), r.api.MetricClientError(every(1, "Sum")), r.api.MetricServerError(every(1, "Sum")),
	}
	latency := []awscloudwatch.IMetric{r.api.MetricLatency(every(5, "p50")), r.api.MetricLatency(every(5, "p95"))}

	awscloudwatch.NewDashboard(r.stack, new("Dashboard"), &awscloudwatch.DashboardProps{
		DefaultInterval: awscdk.Duration_Days(new(1.0)),
		Widgets: &[]*[]awscloudwatch.IWidget{
			{graph("Messages waiting", waiting), graph("Oldest message (seconds)", oldest), graph("Dead letters", dead)},
			{graph("Invocations", invocations), graph("Errors", errors), graph("Throttles", throttles)},
			{graph("Duration, p95 (milliseconds)", duration), graph("At once", copies), graph("Damage found", []awscloudwatch.IMetric{logged("Damaged", "Maximum"), logged("Poisoned", "Sum")})},
			{graph("API: requests and errors", api), graph("API: latency (milliseconds)", latency)},
		},
	})
}

func graph(title string, metrics []awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{Title: &title, Left: &metrics, Width: new(8.0), Height: new(6.0)})
}
