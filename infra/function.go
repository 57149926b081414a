package main

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"coffer/shared/env"
)

// function is a Lambda function with a role of its own. Its methods give it
// the right to use something and the setting that names it.
type function struct {
	awslambda.Function
	name     string
	region   *region
	role     awsiam.Role
	timeout  float64  // seconds
	interval float64  // minutes in which its schedule, if any, must have started it
	services []string // those that may use the region's key on its behalf
}

// size is what a function may use.
type size struct {
	memory  float64 // MB
	storage float64 // MB of /tmp, 512 where zero
	timeout float64 // seconds
}

const longest = 900.0 // seconds, the most that Lambda gives

func (r *region) function(name, description string, s size) *function {
	logs := awslogs.NewLogGroup(r.stack, new(name+"-logs"), &awslogs.LogGroupProps{
		Retention:     awslogs.RetentionDays_THREE_MONTHS,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	role := awsiam.NewRole(r.stack, new(name+"-role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(new("lambda.amazonaws.com"), nil),
	})
	f := &function{name: name, region: r, role: role, timeout: s.timeout}
	f.allow(actions("logs", "CreateLogStream", "PutLogEvents"), logs.LogGroupArn())
	f.Function = awslambda.NewFunction(r.stack, &name, &awslambda.FunctionProps{
		Description:          &description,
		Runtime:              awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:         awslambda.Architecture_ARM_64(),
		Handler:              new("bootstrap"),
		Code:                 awslambda.Code_FromAsset(new(r.settings.Assets+"/"+name), nil),
		MemorySize:           &s.memory,
		EphemeralStorageSize: awscdk.Size_Mebibytes(new(max(s.storage, 512))),
		Timeout:              awscdk.Duration_Seconds(&s.timeout),
		Role:                 role,
		LogGroup:             logs,
		Tracing:              awslambda.Tracing_ACTIVE,
	})
	accept(f.policy(), "X-Ray's actions know no resources.", "AwsSolutions-IAM5[Resource::*]")
	r.functions = append(r.functions, f)
	return f
}

// allow gives the right to actions on resources.
func (f *function) allow(actions *[]*string, resources ...*string) {
	f.allowIf(nil, actions, resources...)
}

// allowIf is allow under conditions.
func (f *function) allowIf(conditions map[string]any, actions *[]*string, resources ...*string) {
	props := &awsiam.PolicyStatementProps{Actions: actions, Resources: &resources}
	if conditions != nil {
		props.Conditions = &conditions
	}
	f.role.AddToPolicy(awsiam.NewPolicyStatement(props))
}

func (f *function) set(s env.Setting, value *string) {
	f.AddEnvironment(new(string(s)), value, nil)
}

// What functions do with tables.
var (
	read    = []string{"BatchGetItem", "ConditionCheckItem", "GetItem", "Query"}
	get     = []string{"GetItem"}
	query   = []string{"Query"}
	add     = []string{"PutItem"}
	alter   = []string{"UpdateItem"}
	change  = []string{"PutItem", "UpdateItem"}
	remove  = []string{"DeleteItem"}
	batches = []string{"BatchWriteItem"} // which puts and deletes
	scan    = []string{"Scan"}
)

// uses gives rights to a table.
func (f *function) uses(t table, rights ...[]string) {
	resources := []*string{t.TableArn()}
	names := slices.Compact(slices.Sorted(slices.Values(slices.Concat(rights...))))
	f.allow(actions("dynamodb", names...), resources...)
	if t.index != "" && slices.Contains(names, "Query") {
		f.allow(actions("dynamodb", "Query"), awscdk.Fn_Join(new("/"), &[]*string{t.TableArn(), new("index"), &t.index}))
	}
	f.through("dynamodb", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo")
	f.set(t.setting, t.TableName())
}

// sees gives the right to query a table for these attributes alone: a query that
// does not name the attributes that it wants is refused, too.
func (f *function) sees(t table, attributes ...string) {
	f.allowIf(map[string]any{
		"ForAllValues:StringEquals": map[string]any{"dynamodb:Attributes": attributes},
		"StringEqualsIfExists":      map[string]any{"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
	}, actions("dynamodb", query...), t.TableArn())
	f.through("dynamodb", "Decrypt", "DescribeKey")
	f.set(t.setting, t.TableName())
}

// isInvokedByPeople says that somebody reads the function's answer.
func (f *function) isInvokedByPeople() {
	accept(f.Function, "It is called synchronously: whoever called learns of the failure.", "Serverless-LambdaDLQ")
}

// keepsPasswords refuses to write passwords, which lie in the same table as the
// sessions that every API function checks.
func (f *function) keepsPasswords(accounts table) {
	f.role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Effect:     awsiam.Effect_DENY,
		Actions:    actions("dynamodb", change...),
		Resources:  &[]*string{accounts.TableArn()},
		Conditions: &map[string]any{"ForAnyValue:StringEquals": map[string]any{"dynamodb:Attributes": []string{"Password"}}},
	}))
}

// sends gives the right to send to a queue.
func (f *function) sends(qs ...queue) {
	for _, q := range qs {
		f.allow(actions("sqs", "SendMessage"), q.QueueArn())
		f.through("sqs", "Decrypt", "GenerateDataKey")
		f.set(q.setting, q.QueueUrl())
	}
}

// receives has Lambda bring the queue's messages, a batch at a time and at
// most so many batches at once.
func (f *function) receives(q queue, batch, concurrency float64) {
	f.allow(actions("sqs", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage"), q.QueueArn())
	f.through("sqs", "Decrypt", "GenerateDataKey")
	mapping := awslambda.NewEventSourceMapping(f.region.stack, new(f.name+"-receives"), &awslambda.EventSourceMappingProps{
		Target:                  f.Function,
		EventSourceArn:          q.QueueArn(),
		BatchSize:               &batch,
		MaxConcurrency:          &concurrency,
		ReportBatchItemFailures: new(true),
	})
	accept(f.Function, "Its messages come from a queue, which has a dead-letter queue of its own.", "Serverless-LambdaDLQ")
	accept(mapping, "A queue keeps what failed and moves it to its own dead-letter queue.", "Serverless-LambdaEventSourceMappingDestination")
}

// handsOver lets the function send the rest of its work to itself as often as
// it needs; Lambda would take the 16th time for a mistake and stop it.
func (f *function) handsOver() {
	f.Node().DefaultChild().(awslambda.CfnFunction).SetRecursiveLoop(new("Allow"))
}

// What functions do with objects of the vault.
var (
	fetch = []string{"GetObject"}
	store = []string{"PutObject"}
	erase = []string{"DeleteObject"}
)

// opens gives rights to the vault's objects in the folders; list adds the right
// to see what there is, without which S3 answers 403 and not 404 for an object
// that is missing.
func (f *function) opens(list bool, folders []string, rights ...[]string) {
	names := slices.Concat(rights...)
	f.allow(actions("s3", names...), *objects(f.region.vault, folders...)...)
	if list {
		f.allow(actions("s3", "ListBucket"), f.region.vault.BucketArn())
	}
	if slices.ContainsFunc(names, func(n string) bool { return n != "DeleteObject" }) {
		f.through("s3", "Decrypt", "GenerateDataKey")
	}
	f.set(env.VaultBucket, f.region.vault.BucketName())
	for _, folder := range folders {
		accept(f.policy(), "Objects get their names at run time; the actions on them are spelled out.",
			"AwsSolutions-IAM5[Resource::<VaultBucket.Arn>/"+folder+"]")
	}
}

// Purposes that the region's key is used for, as the encryption context names
// them: Box tokens, credentials of customers' own Box apps, and keys of the
// vault.
const (
	forTokens      = "token"
	forCredentials = "credentials"
	forVault       = "vault"
)

// seals gives the right to use the region's key itself, for one purpose alone.
func (f *function) seals(purpose string, names ...string) {
	f.allowIf(map[string]any{"StringEquals": map[string]any{"kms:EncryptionContext:purpose": purpose}},
		actions("kms", names...), f.region.key.KeyArn())
	f.set(env.VaultKey, f.region.key.KeyArn())
}

// through lets a service use the region's key on the function's behalf.
func (f *function) through(service string, names ...string) {
	if slices.Contains(f.services, service) {
		return
	}
	f.services = append(f.services, service)
	host := service + "." + *f.region.stack.Region() + ".amazonaws.com"
	f.allowIf(map[string]any{"StringEquals": map[string]any{"kms:ViaService": host}}, actions("kms", names...), f.region.key.KeyArn())
}

// connects gives what it takes to speak to Box: Coffer's own credentials, the
// tokens of tasks, and Box's addresses.
func (f *function) connects() {
	f.isTheApp()
	f.seals(forTokens, "Decrypt", "Encrypt")
	f.seals(forCredentials, "Decrypt")
}

// isTheApp gives the function Coffer's own credentials at Box.
func (f *function) isTheApp() {
	f.allow(actions("secretsmanager", "GetSecretValue"), f.region.secret.Ref())
	f.through("secretsmanager", "Decrypt")
	f.set(env.BoxSecret, f.region.secret.Ref())
	box := f.region.settings.Box
	f.set(env.BoxAPI, &box.API)
	f.set(env.BoxUpload, &box.Upload)
	f.set(env.BoxAccount, &box.Account)
}

func (f *function) policy() awsiam.Policy {
	return f.role.Node().FindChild(new("DefaultPolicy")).(awsiam.Policy)
}
