package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// kind says what the local cloud does with a resource type.
type kind struct {
	// build puts a resource into the product. Types without it have no meaning
	// on one machine, and why says so.
	build func(*Product, *context) error
	why   string

	name       string                           // the property that may give the physical name
	derive     func(s *stack, id string) string // the physical name where the template gives none
	ref        attribute                        // what Ref gives; the physical name where nil
	attributes map[string]attribute             // what Fn::GetAtt gives
}

type attribute func(s *stack, id string) (any, error)

// context is a resource on its way into the product.
type context struct {
	*stack
	id       string
	resource *resource
	props    []byte // JSON, resolved
}

// decode reads the properties into v, a pointer to a struct that names all of
// them.
func (c *context) decode(v any) error {
	d := json.NewDecoder(bytes.NewReader(c.props))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

func (c *context) identity(service, prefix string) (Identity, error) {
	name, err := c.physical(c.id)
	return Identity{ID: c.id, Name: name, ARN: c.arn(service, prefix+name)}, err
}

// kindOf returns what is known of a resource type.
func kindOf(resourceType string) (kind, error) {
	if k, ok := provided(resourceType); ok {
		return k, nil
	}
	if why, ok := needless[resourceType]; ok {
		return kind{why: why}, nil
	}
	return kind{}, fmt.Errorf("the local cloud does not know the resource type %s", resourceType)
}

// needless are the types that mean nothing on one machine, and why.
var needless = map[string]string{
	"AWS::ApiGatewayV2::Stage":        "there is one stage, $default, served at the root; throttling protects accounts, not a laptop",
	"AWS::CDK::Metadata":              "is for AWS's own statistics",
	"AWS::CloudWatch::Alarm":          "nobody is on call for one machine; the logs say what failed",
	"AWS::CloudWatch::CompositeAlarm": "combines alarms",
	"AWS::CloudWatch::Dashboard":      "shows metrics that only AWS collects",
	"AWS::IAM::ManagedPolicy":         "access is checked on the template, by the tests of infra",
	"AWS::KMS::Alias":                 "is for people in the console; functions are given the key's ARN",
	"AWS::Lambda::EventInvokeConfig":  "a schedule that failed runs again at its next time",
	"AWS::Lambda::Permission":         "access is checked on the template, by the tests of infra",
	"AWS::Logs::LogGroup":             "functions log to the terminal",
	"AWS::Logs::MetricFilter":         "counts log lines for alarms",
	"AWS::Logs::ResourcePolicy":       "access is checked on the template, by the tests of infra",
	"AWS::S3::BucketPolicy":           "the S3 server listens on loopback and only functions have its key",
	"AWS::SES::ConfigurationSet":      "says how AWS delivers mail; the mailbox page takes all of it",
	"AWS::SES::EmailIdentity":         "proves a domain to AWS; the mailbox page takes every sender",
	"AWS::SNS::Subscription":          "tells people about alarms",
	"AWS::SNS::Topic":                 "tells people about alarms",
	"AWS::SNS::TopicPolicy":           "access is checked on the template, by the tests of infra",
	"AWS::SQS::QueuePolicy":           "access is checked on the template, by the tests of infra",
	"AWS::Scheduler::ScheduleGroup":   "only groups schedules in the console",
}

func named(service, prefix string) attribute {
	return func(s *stack, id string) (any, error) {
		name, err := s.physical(id)
		return s.arn(service, prefix+name), err
	}
}

// provided returns how the local cloud provides a resource type, if it does.
// (A function, not a table: building a resource looks up those it refers to.)
func provided(resourceType string) (kind, bool) {
	switch resourceType {
	case "AWS::DynamoDB::GlobalTable":
		return kind{build: addTable, name: "TableName", attributes: map[string]attribute{
			"Arn": named("dynamodb", "table/"),
		}}, true
	case "AWS::S3::Bucket":
		return kind{build: addBucket, name: "BucketName", derive: bucketName, attributes: map[string]attribute{
			"Arn": func(s *stack, id string) (any, error) {
				n, err := s.physical(id)
				return "arn:aws:s3:::" + n, err
			},
		}}, true
	case "AWS::SQS::Queue":
		return kind{build: addQueue, name: "QueueName", ref: queueURL, attributes: map[string]attribute{
			"Arn":       named("sqs", ""),
			"QueueName": physicalName,
			"QueueUrl":  queueURL,
		}}, true
	case "AWS::KMS::Key":
		return kind{build: addKey, ref: keyID, attributes: map[string]attribute{"Arn": keyARN, "KeyId": keyID}}, true
	case "AWS::SecretsManager::Secret":
		return kind{build: addSecret, name: "Name", ref: named("secretsmanager", "secret:"), attributes: map[string]attribute{
			"Id": named("secretsmanager", "secret:"),
		}}, true
	case "AWS::Lambda::Function":
		return kind{build: addFunction, name: "FunctionName", derive: functionName, attributes: map[string]attribute{
			"Arn": named("lambda", "function:"),
		}}, true
	case "AWS::IAM::Role":
		return kind{why: "is for its policies to refer to", attributes: map[string]attribute{"Arn": named("iam", "role/")}}, true
	case "AWS::IAM::Policy":
		return kind{build: addPolicy}, true
	case "AWS::Lambda::EventSourceMapping":
		return kind{build: addMapping}, true
	case "AWS::Scheduler::Schedule":
		return kind{build: addSchedule, name: "Name", attributes: map[string]attribute{
			"Arn": named("scheduler", "schedule/default/"),
		}}, true
	case "AWS::ApiGatewayV2::Api":
		return kind{build: addAPI, attributes: map[string]attribute{
			"ApiEndpoint": func(s *stack, _ string) (any, error) { return s.place.API, nil },
			"ApiId":       physicalName,
		}}, true
	case "AWS::ApiGatewayV2::Integration":
		return kind{build: addIntegration}, true
	case "AWS::ApiGatewayV2::Route":
		return kind{build: addRoute}, true
	}
	return kind{}, false
}

func physicalName(s *stack, id string) (any, error) { return s.physical(id) }

func queueURL(s *stack, id string) (any, error) {
	n, err := s.physical(id)
	return s.place.Queue(n), err
}

func keyARN(s *stack, id string) (any, error) {
	n, err := s.physical(id)
	if err != nil {
		return nil, err
	}
	return s.place.Key(n)
}

func keyID(s *stack, id string) (any, error) {
	arn, err := keyARN(s, id)
	_, key, _ := strings.Cut(fmt.Sprint(arn), "/")
	return key, err
}

// functionName is the construct's id, which is also the name of the function's
// folder. The CDK puts the path of constructs into the metadata.
func functionName(s *stack, id string) string {
	path, _ := s.Resources[id].Metadata["aws:cdk:path"].(string)
	parts := strings.Split(strings.TrimSuffix(path, "/Resource"), "/")
	if last := parts[len(parts)-1]; last != "" {
		return last
	}
	return id
}

// bucketName makes a name that S3 accepts: lower case, at most 63 characters.
func bucketName(s *stack, id string) string {
	n := strings.ToLower(s.name + "-" + id)
	return strings.TrimLeft(n[max(0, len(n)-63):], "-")
}
