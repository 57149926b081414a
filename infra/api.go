package main

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
)

// Routes name paths, not methods: a method that a path does not have is
// answered by the function that knows, with 405, rather than falling through
// to the portal's pages.
var (
	identityRoutes = []string{
		"/api/sign-up", "/api/activate", "/api/session", "/api/sessions", "/api/sessions/{session}",
		"/api/password", "/api/password-reset", "/api/password-reset/confirm", "/api/openapi.json",
	}
	taskRoutes = []string{
		"/api/tasks", "/api/tasks/{task}", "/api/tasks/{task}/authorize", "/api/tasks/{task}/backup",
		"/api/tasks/{task}/credentials", "/api/tasks/{task}/preflight",
		"/api/tasks/{task}/users", "/api/tasks/{task}/users/{user}", // {user} is also the name of an action
		"/api/tasks/{task}/tags", "/api/tasks/{task}/tags/{tag}", "/api/tasks/{task}/undelete", "/api/tasks/{task}/calls",
		"/api/tasks/{task}/acknowledge-damage",
		"/api/box/callback", "/api/activity", "/api/activity.csv",
		"/api/usage-report", "/api/usage-report.csv",
	}
	recoveryRoutes = []string{
		"/api/tasks/{task}/users/{user}/history",
		"/api/tasks/{task}/users/{user}/snapshots",
		"/api/tasks/{task}/users/{user}/snapshots/{snapshot}",
		"/api/tasks/{task}/users/{user}/snapshots/{snapshot}/items",
		"/api/tasks/{task}/users/{user}/snapshots/{snapshot}/items/{item}/details",
		"/api/tasks/{task}/users/{user}/snapshots/{snapshot}/count",
		"/api/tasks/{task}/users/{user}/snapshots/{snapshot}/failures",
		"/api/tasks/{task}/users/{user}/snapshots/{snapshot}/failures.csv",
		"/api/jobs", "/api/jobs/{job}", "/api/jobs/{job}/items", "/api/jobs/{job}/cancel",
	}
)

// Requests a second, and at once, before API Gateway answers 429 for everyone.
const (
	rate  = 200.0
	burst = 400.0
)

// accessLog is a line of the API's access log: no cookie, query or body.
var accessLog = map[string]string{
	"request": "$context.requestId", "time": "$context.requestTime", "ip": "$context.identity.sourceIp",
	"method": "$context.httpMethod", "route": "$context.routeKey", "status": "$context.status",
	"length": "$context.responseLength", "milliseconds": "$context.responseLatency", "error": "$context.integrationErrorMessage",
}

// portal is where people find the portal: where the operator says, or at the
// API's own address.
func (r *region) portal() *string {
	if portal, ok := r.settings.Portals[r.name]; ok {
		return &portal
	}
	return r.api.ApiEndpoint()
}

// portals are the portals of all regions, as JSON, for those who sign up at one
// and want to live in another.
func (r *region) portals() *string {
	all, err := json.Marshal(r.settings.Portals)
	if err != nil {
		panic(err) // never for strings
	}
	return new(string(all))
}

func newHTTPAPI(stack awscdk.Stack) awsapigatewayv2.HttpApi {
	return awsapigatewayv2.NewHttpApi(stack, new("Api"), &awsapigatewayv2.HttpApiProps{
		ApiName:            new("Coffer"),
		Description:        new("Coffer's portal and API"),
		CreateDefaultStage: new(false),
	})
}

// newAPI connects the routes with the functions that answer them.
func (r *region) newAPI(identity, tasks, recovery, web *function) {
	logs := awslogs.NewLogGroup(r.stack, new("api-logs"), &awslogs.LogGroupProps{
		Retention:     awslogs.RetentionDays_THREE_MONTHS,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	format, _ := json.Marshal(accessLog) // strings always encode
	awsapigatewayv2.NewCfnStage(r.stack, new("api-stage"), &awsapigatewayv2.CfnStageProps{
		ApiId:             r.api.ApiId(),
		StageName:         new("$default"),
		AutoDeploy:        new(true),
		AccessLogSettings: &awsapigatewayv2.CfnStage_AccessLogSettingsProperty{DestinationArn: logs.LogGroupArn(), Format: new(string(format))},
		DefaultRouteSettings: &awsapigatewayv2.CfnStage_RouteSettingsProperty{
			DetailedMetricsEnabled: new(true),
			ThrottlingRateLimit:    new(rate),
			ThrottlingBurstLimit:   new(burst),
		},
	})
	r.answers(identity, identityRoutes...)
	r.answers(tasks, taskRoutes...)
	r.answers(recovery, recoveryRoutes...)
	r.answers(web, "$default")
}

func (r *region) answers(f *function, paths ...string) {
	integration := awsapigatewayv2integrations.NewHttpLambdaIntegration(new(f.name), f.Function, &awsapigatewayv2integrations.HttpLambdaIntegrationProps{
		ScopePermissionToRoute: new(false), // one permission for all of the function's routes
	})
	accept(f.Function, "It is called synchronously: whoever called learns of the failure.", "Serverless-LambdaDLQ")
	for _, path := range paths {
		key := awsapigatewayv2.HttpRouteKey_DEFAULT()
		if path != "$default" {
			key = awsapigatewayv2.HttpRouteKey_With(new(path), awsapigatewayv2.HttpMethod_ANY)
		}
		route := awsapigatewayv2.NewHttpRoute(r.stack, new("api "+path), &awsapigatewayv2.HttpRouteProps{
			HttpApi: r.api, RouteKey: key, Integration: integration,
		})
		accept(route, "The function behind the route checks the session, a cookie that no authorizer of API Gateway reads; "+
			"its tests call every route without one.", "AwsSolutions-APIG4")
	}
}
