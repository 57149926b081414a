package template

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

func addFunction(p *Product, c *context) error {
	in := struct {
		FunctionName string
		Code         struct{ S3Bucket, S3Key string }
		MemorySize   int
		Timeout      int
		Environment  struct{ Variables map[string]string }
		PackageType  string
		Role         string

		ReservedConcurrentExecutions int

		Architectures           ignored // the assets of a local start are built for this machine
		Description             ignored
		EphemeralStorage        ignored // /tmp is as large as the disk under it
		Handler                 ignored // a bootstrap is its own handler
		KmsKeyArn               ignored
		LoggingConfig           ignored
		RecursiveLoop           ignored
		Runtime                 ignored // provided.al2023: any executable
		RuntimeManagementConfig ignored
		Tags                    ignored
		TracingConfig           ignored
	}{MemorySize: 128, Timeout: 3}
	if err := c.decode(&in); err != nil {
		return err
	}
	id, err := c.identity("lambda", "function:")
	if err != nil {
		return err
	}
	folder, ok := c.assets[in.Code.S3Key]
	if !ok {
		return fmt.Errorf("asset %s is not among the synthesized ones", in.Code.S3Key)
	}
	p.Functions = append(p.Functions, Function{
		Identity:    id,
		Folder:      folder,
		MemoryMB:    in.MemorySize,
		Timeout:     seconds(in.Timeout),
		Concurrency: in.ReservedConcurrentExecutions,
		Environment: in.Environment.Variables,
		role:        in.Role,
	})
	return nil
}

func addMapping(p *Product, c *context) error {
	in := struct {
		BatchSize                      int
		EventSourceArn                 string
		FunctionName                   string
		FunctionResponseTypes          []string
		MaximumBatchingWindowInSeconds int
		ScalingConfig                  struct{ MaximumConcurrency int }
		Enabled                        bool

		MetricsConfig ignored
		Tags          ignored
	}{BatchSize: 10, Enabled: true}
	if err := c.decode(&in); err != nil {
		return err
	}
	if !in.Enabled {
		return nil
	}
	m := Mapping{
		Identity:    Identity{ID: c.id, Name: c.id},
		Queue:       in.EventSourceArn,
		Function:    in.FunctionName,
		Batch:       in.BatchSize,
		Window:      seconds(in.MaximumBatchingWindowInSeconds),
		Concurrency: cmp.Or(in.ScalingConfig.MaximumConcurrency, 5),
	}
	if !strings.HasPrefix(m.Function, "arn:") { // a Ref gives the name, Fn::GetAtt the ARN
		m.Function = c.arn("lambda", "function:"+m.Function)
	}
	for _, t := range in.FunctionResponseTypes {
		if t != "ReportBatchItemFailures" {
			return fmt.Errorf("response type %s is not supported", t)
		}
		m.ReportFailures = true
	}
	p.Mappings = append(p.Mappings, m)
	return nil
}

func addSchedule(p *Product, c *context) error {
	var in struct {
		Name                       string
		ScheduleExpression         string
		ScheduleExpressionTimezone string
		State                      string
		FlexibleTimeWindow         struct{ Mode string }
		Target                     struct {
			Arn, Input string

			DeadLetterConfig ignored // what failed runs again at the next time
			RetryPolicy      ignored
			RoleArn          ignored // access is checked on the template
		}

		Description ignored
		GroupName   ignored
		KmsKeyArn   ignored
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.State == "DISABLED" {
		return nil
	}
	id, err := c.identity("scheduler", "schedule/default/")
	p.Schedules = append(p.Schedules, Schedule{
		Identity:   id,
		Expression: in.ScheduleExpression,
		Zone:       cmp.Or(in.ScheduleExpressionTimezone, "UTC"),
		Function:   in.Target.Arn,
		Input:      cmp.Or(in.Target.Input, "{}"),
	})
	return err
}

func addAPI(p *Product, c *context) error {
	var in struct {
		ProtocolType string

		Description               ignored
		DisableExecuteApiEndpoint ignored
		Name                      ignored
		Tags                      ignored
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.ProtocolType != "HTTP" {
		return fmt.Errorf("protocol %s is not supported", in.ProtocolType)
	}
	p.apis++
	return nil
}

func addIntegration(p *Product, c *context) error {
	in := struct {
		ApiId                string
		IntegrationType      string
		IntegrationUri       string
		PayloadFormatVersion string
		TimeoutInMillis      int

		ConnectionType    ignored
		IntegrationMethod ignored
		Description       ignored
	}{TimeoutInMillis: 30000}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.IntegrationType != "AWS_PROXY" || in.PayloadFormatVersion != "2.0" {
		return fmt.Errorf("integration %s with payload format %s is not supported", in.IntegrationType, in.PayloadFormatVersion)
	}
	name, err := c.physical(c.id)
	if err != nil {
		return err
	}
	if p.integrations == nil {
		p.integrations = map[string]integration{}
	}
	p.integrations["integrations/"+name] = integration{in.IntegrationUri, time.Duration(in.TimeoutInMillis) * time.Millisecond}
	return nil
}

func addRoute(p *Product, c *context) error {
	var in struct {
		ApiId, RouteKey, Target, AuthorizationType string
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.AuthorizationType != "" && in.AuthorizationType != "NONE" {
		return fmt.Errorf("authorization %s is not supported", in.AuthorizationType)
	}
	p.Routes = append(p.Routes, Route{Identity: Identity{ID: c.id, Name: c.id}, Key: in.RouteKey, target: in.Target})
	return nil
}
