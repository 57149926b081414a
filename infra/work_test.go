package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestQueuesAreEncryptedAndHaveDeadLetterQueues(t *testing.T) {
	t.Parallel()
	each(t, region1, "AWS::SQS::Queue", func(t *testing.T, id string, r resource) {
		if key := compact(r.Properties["KmsMasterKeyId"]); !strings.Contains(key, `"Key"`) {
			t.Errorf("key %s", key)
		}
		if got := r.Properties["MessageRetentionPeriod"]; got != 14*24*3600.0 {
			t.Errorf("retention %v", got)
		}
		if policy := policyOf(t, "AWS::SQS::QueuePolicy", "Queues", id); !strings.Contains(policy, `{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"`) {
			t.Errorf("the policy admits other than TLS: %s", policy)
		}
		dead := strings.TrimSuffix(id, "Queue") + "DeadLetters"
		if strings.HasSuffix(id, "DeadLetters") {
			return
		}
		if got, want := compact(r.Properties["RedrivePolicy"]), `{"deadLetterTargetArn":{"Fn::GetAtt":["`+dead+`","Arn"]},"maxReceiveCount":5}`; got != want {
			t.Errorf("redrive policy %s", got)
		}
	})
}

func TestMappingsReportFailuresAndFitTheirQueues(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	each(t, region1, "AWS::Lambda::EventSourceMapping", func(t *testing.T, _ string, r resource) {
		if got := compact(r.Properties["FunctionResponseTypes"]); got != `["ReportBatchItemFailures"]` {
			t.Errorf("response types %s", got)
		}
		if n, _ := at(r.Properties, "ScalingConfig.MaximumConcurrency").(float64); n < 2 || n > 1000 {
			t.Errorf("maximum concurrency %v", n)
		}
		source := at(r.Properties, "EventSourceArn.Fn::GetAtt.0").(string)
		seen[source] = true
		hidden := region1.Resources[source].Properties["VisibilityTimeout"].(float64)
		timeout := region1.Resources[at(r.Properties, "FunctionName.Ref").(string)].Properties["Timeout"].(float64)
		if hidden < 6*timeout {
			t.Errorf("messages of %s are hidden for %v s, the function may take %v s", source, hidden, timeout)
		}
	})
	if len(seen) != 8 {
		t.Errorf("mappings of %v", seen)
	}
}

func TestFunctionsSayWhatTheyNeed(t *testing.T) {
	t.Parallel()
	each(t, region1, "AWS::Lambda::Function", func(t *testing.T, _ string, r resource) {
		for path, want := range map[string]any{
			"Runtime": "provided.al2023", "Architectures.0": "arm64", "Handler": "bootstrap", "TracingConfig.Mode": "Active",
		} {
			if got := at(r.Properties, path); got != want {
				t.Errorf("%s is %v, not %v", path, got, want)
			}
		}
		if r.Properties["MemorySize"] == nil || r.Properties["Timeout"] == nil || r.Properties["VpcConfig"] != nil {
			t.Error("memory or timeout is missing, or there is a VPC")
		}
		logs, _ := at(r.Properties, "LoggingConfig.LogGroup.Ref").(string)
		if region1.Resources[logs].Properties["RetentionInDays"] == nil {
			t.Error("logs are kept for ever")
		}
	})
}

func TestOnlyFunctionsThatHandOverMayCallThemselves(t *testing.T) {
	t.Parallel()
	each(t, region1, "AWS::Lambda::EventSourceMapping", func(t *testing.T, _ string, r resource) {
		source := at(r.Properties, "EventSourceArn.Fn::GetAtt.0").(string)
		f := region1.Resources[at(r.Properties, "FunctionName.Ref").(string)]
		sends := slices.ContainsFunc(rights(t, strings.TrimSuffix(source, "Queue")), func(s statement) bool {
			return slices.Contains(s.actions, "sqs:SendMessage") && strings.Contains(s.resources, `"`+source+`"`)
		})
		if allowed := f.Properties["RecursiveLoop"] == "Allow"; allowed != sends {
			t.Errorf("the function of %s sends to it: %v; may: %v", source, sends, allowed)
		}
	})
}

func TestSchedulesMayReachTheirTargets(t *testing.T) {
	t.Parallel()
	each(t, region1, "AWS::Scheduler::Schedule", func(t *testing.T, _ string, r resource) {
		target := compact(at(r.Properties, "Target.Arn"))
		role := at(r.Properties, "Target.RoleArn.Fn::GetAtt.0").(string)
		var got []string
		for _, p := range region1.Resources {
			if p.Type != "AWS::IAM::Policy" || !strings.Contains(compact(p.Properties["Roles"]), `"`+role+`"`) {
				continue
			}
			for _, s := range statements(p.Properties["PolicyDocument"]) {
				if s.resources != target && (!strings.Contains(s.resources, `"Key"`) || !strings.Contains(s.condition, `"kms:ViaService":"sqs.`)) {
					t.Errorf("it may do %v on %s", s.actions, s.resources)
				}
				got = append(got, s.actions...)
			}
		}
		want := []string{"lambda:InvokeFunction"}
		if strings.Contains(target, "Queue") {
			want = []string{"sqs:SendMessage", "kms:Decrypt", "kms:GenerateDataKey"}
		}
		if !slices.Equal(got, want) {
			t.Errorf("it may do %v to %s, not %v", got, target, want)
		}
	})
}

func TestAlarmsCoverEverythingAndLinkToTheRunbook(t *testing.T) {
	t.Parallel()
	runbook, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	watched := map[string]bool{}
	each(t, region1, "AWS::CloudWatch::Alarm", func(t *testing.T, _ string, r resource) {
		_, section, found := strings.Cut(r.Properties["AlarmDescription"].(string), "Runbook: infra/README.md#")
		if !found || !strings.Contains(string(runbook), "\n### "+section+"\n") {
			t.Errorf("the runbook has no section for %q", r.Properties["AlarmDescription"])
		}
		if compact(r.Properties["AlarmActions"]) == "null" {
			t.Error("nobody is told")
		}
		for _, d := range list(r.Properties["Dimensions"]) {
			of := compact(at(d, "Value"))
			watched[at(r.Properties, "MetricName").(string)+" "+of] = true
		}
	})
	for id, r := range region1.Resources {
		var wanted []string
		switch {
		case r.Type == "AWS::Lambda::Function":
			for _, m := range []string{"Errors", "Throttles", "Duration"} {
				wanted = append(wanted, m+` {"Ref":"`+id+`"}`)
			}
		case r.Type == "AWS::SQS::Queue" && strings.HasSuffix(id, "DeadLetters"):
			wanted = append(wanted, `ApproximateNumberOfMessagesVisible {"Fn::GetAtt":["`+id+`","QueueName"]}`)
		case r.Type == "AWS::SQS::Queue":
			wanted = append(wanted, `ApproximateAgeOfOldestMessage {"Fn::GetAtt":["`+id+`","QueueName"]}`)
		case r.Type == "AWS::Scheduler::Schedule":
			target := at(r.Properties, "Target.Arn.Fn::GetAtt.0").(string)
			for _, m := range region1.Resources { // of a queue, the function behind it
				if m.Type == "AWS::Lambda::EventSourceMapping" && at(m.Properties, "EventSourceArn.Fn::GetAtt.0") == target {
					target = at(m.Properties, "FunctionName.Ref").(string)
				}
			}
			wanted = append(wanted, `Invocations {"Ref":"`+target+`"}`)
		}
		for _, w := range wanted {
			if !watched[w] {
				t.Errorf("no alarm watches %s", w)
			}
		}
	}
}
