package template_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"coffer/scripts/local/template"
)

const assembly = "testdata/assembly"

var place = template.Place{
	Region:  "eu-central-1",
	Account: "000000000000",
	Queue:   func(name string) string { return "http://127.0.0.1:1/000000000000/" + name },
	Key:     func(name string) (string, error) { return "arn:aws:kms:eu-central-1:000000000000:key/" + name, nil },
	API:     "http://localhost:8080",
}

func identity(id, name, arn string) template.Identity {
	return template.Identity{ID: id, Name: name, ARN: arn}
}

func TestTemplateBecomesAProduct(t *testing.T) {
	t.Parallel()
	got, err := template.Load(assembly, place)
	if err != nil {
		t.Fatal(err)
	}
	const arn, stack = ":eu-central-1:000000000000:", "Coffer-eu-central-1-"
	want := &template.Product{
		Tables: []template.Table{{
			Identity:   identity("Tasks1", stack+"Tasks1", "arn:aws:dynamodb"+arn+"table/"+stack+"Tasks1"),
			Attributes: map[string]string{"PK": "S", "SK": "S", "DueShard": "S", "DueAt": "S"},
			Key:        []template.KeyPart{{Name: "PK", Type: "HASH"}, {Name: "SK", Type: "RANGE"}},
			Indexes: []template.Index{{
				Name:       "Due",
				Key:        []template.KeyPart{{Name: "DueShard", Type: "HASH"}, {Name: "DueAt", Type: "RANGE"}},
				Projection: template.Projection{Type: "ALL"},
			}},
			TTL: "Expires",
		}},
		Buckets: []template.Bucket{{Identity: identity("Vault1", "coffer-eu-central-1-vault1", "arn:aws:s3:::coffer-eu-central-1-vault1"), Versioned: true}},
		Queues: []template.Queue{
			{
				Identity: identity("Scan1", stack+"Scan1", "arn:aws:sqs"+arn+stack+"Scan1"),
				URL:      place.Queue(stack + "Scan1"), Visibility: 6 * time.Minute, Retention: 4 * 24 * time.Hour,
				DeadLetter: "arn:aws:sqs" + arn + stack + "ScanFailed1", MaxReceive: 5,
			},
			{
				Identity: identity("ScanFailed1", stack+"ScanFailed1", "arn:aws:sqs"+arn+stack+"ScanFailed1"),
				URL:      place.Queue(stack + "ScanFailed1"), Visibility: 30 * time.Second, Retention: 14 * 24 * time.Hour,
			},
		},
		Keys:    []template.Key{{Identity: identity("Key1", stack+"Key1", "arn:aws:kms"+arn+"key/"+stack+"Key1")}},
		Secrets: []template.Secret{{Identity: identity("Box1", stack+"Box1", "arn:aws:secretsmanager"+arn+"secret:"+stack+"Box1")}},
		Functions: []template.Function{{
			Identity: identity("scan1", "scan", "arn:aws:lambda"+arn+"function:scan"),
			Folder:   filepath.Join(assembly, "asset.aaaa"), MemoryMB: 512, Timeout: time.Minute,
			Environment: map[string]string{
				"TASKS_TABLE":  stack + "Tasks1",
				"SCAN_QUEUE":   place.Queue(stack + "Scan1"),
				"VAULT_BUCKET": "coffer-eu-central-1-vault1",
				"VAULT_KEY":    "arn:aws:kms" + arn + "key/" + stack + "Key1",
				"BOX_SECRET":   "arn:aws:secretsmanager" + arn + "secret:" + stack + "Box1",
				"JOINED":       "arn:aws:amazonaws.com",
				"SUBBED":       stack + "Tasks1/arn:aws:kms" + arn + "key/" + stack + "Key1/eu-central-1/${kept}",
				"PICKED":       "b",
			},
		}},
		Mappings: []template.Mapping{{
			Identity: template.Identity{ID: "scanEvents1", Name: "scanEvents1"},
			Queue:    "arn:aws:sqs" + arn + stack + "Scan1", Function: "scan", Batch: 1, Concurrency: 7, ReportFailures: true,
		}},
		Schedules: []template.Schedule{
			{
				Identity:   identity("Daily1", stack+"Daily1", "arn:aws:scheduler"+arn+"schedule/default/"+stack+"Daily1"),
				Expression: "cron(15 3 * * ? *)", Zone: "UTC", Queue: place.Queue(stack + "Scan1"), Input: "{}",
			},
			{
				Identity:   identity("Tick1", stack+"Tick1", "arn:aws:scheduler"+arn+"schedule/default/"+stack+"Tick1"),
				Expression: "rate(1 minute)", Zone: "UTC", Function: "scan", Input: `{"a":1}`,
			},
		},
		Routes: []template.Route{{
			Identity: template.Identity{ID: "Route1", Name: "Route1"},
			Key:      "ANY /api/{proxy+}", Function: "scan", Timeout: 30 * time.Second,
		}},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(template.Product{}, template.Function{}, template.Route{})); diff != "" {
		t.Error(diff)
	}
}

// TestWhatIsNotKnownIsNamed changes one thing in the template and expects an
// error that says which.
func TestWhatIsNotKnownIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, with, want string }{
		{"resource type", `"AWS::IAM::Role"`, `"AWS::Quantum::Computer"`, "AWS::Quantum::Computer"},
		{"property", `"BatchSize": 1`, `"FilterCriteria": {}`, "FilterCriteria"},
		{"intrinsic", `{ "Ref": "AWS::NoValue" }`, `{ "Fn::Transform": "x" }`, "Fn::Transform"},
		{"reference", `{ "Ref": "Tasks1" }`, `{ "Ref": "Nothing" }`, `"Nothing"`},
		{"attribute", `"VAULT_KEY": { "Fn::GetAtt": ["Key1", "Arn"] }`, `"VAULT_KEY": { "Fn::GetAtt": ["Key1", "Colour"] }`, "Colour"},
		{"asset", `"aaaa.zip"`, `"cccc.zip"`, "cccc.zip"},
		{"event source", `"EventSourceArn": { "Fn::GetAtt": ["Scan1", "Arn"] }`, `"EventSourceArn": "arn:aws:kinesis"`, "arn:aws:kinesis"},
		{"schedule's target", `"Target": { "Arn": { "Fn::GetAtt": ["Scan1", "Arn"] }`, `"Target": { "Arn": "arn:aws:sns"`, "arn:aws:sns"},
		{"payload format", `"2.0"`, `"1.0"`, "1.0"},
		{"condition", `"Type": "AWS::S3::Bucket",`, `"Type": "AWS::S3::Bucket", "Condition": "Sunny",`, "Sunny"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, suffix := range []string{".template.json", ".assets.json"} {
				text, err := os.ReadFile(filepath.Join(assembly, "Coffer-eu-central-1"+suffix))
				if err != nil {
					t.Fatal(err)
				}
				if suffix == ".template.json" {
					if !strings.Contains(string(text), c.old) {
						t.Fatalf("the template has no %s", c.old)
					}
					text = []byte(strings.ReplaceAll(string(text), c.old, c.with))
					if !json.Valid(text) {
						t.Fatal("the changed template is not JSON")
					}
				}
				if err := os.WriteFile(filepath.Join(dir, "Coffer-eu-central-1"+suffix), text, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := template.Load(dir, place); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error about %s", err, c.want)
			}
		})
	}
}

func TestEmptyAssemblyIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := template.Load(t.TempDir(), place); err == nil {
		t.Error("an empty folder was taken")
	}
}
