package rights_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"coffer/scripts/local/rights"
	"coffer/scripts/local/template"
)

// request is one to a service, and whether worker may make it.
type request struct {
	name, service, target, body string
	method, path                string
	may                         bool
}

const (
	rows    = "arn:aws:dynamodb:eu-central-1:000000000000:table/rows"
	jobs    = "arn:aws:sqs:eu-central-1:000000000000:jobs"
	key     = "arn:aws:kms:eu-central-1:000000000000:key/1"
	purpose = "kms:EncryptionContext:purpose"
)

func allow(condition string, resources []string, actions ...string) template.Statement {
	s := template.Statement{Effect: "Allow", Action: actions, Resource: resources}
	if name, value, found := strings.Cut(condition, "="); found {
		s.Condition.StringEquals = map[string]string{name: value}
	}
	return s
}

var worker = template.Function{
	Identity: template.Identity{Name: "worker"},
	Rights: []template.Statement{
		allow("", []string{rows}, "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem", "dynamodb:BatchGetItem"),
		allow("", []string{rows + "/index/Due"}, "dynamodb:Query"),
		allow("", []string{jobs}, "sqs:SendMessage"),
		allow("kms:ViaService=dynamodb.eu-central-1.amazonaws.com", []string{key}, "kms:Decrypt", "kms:Encrypt"),
		allow(purpose+"=vault", []string{key}, "kms:Decrypt"),
		allow("", []string{"arn:aws:s3:::vault/packs/*"}, "s3:GetObject", "s3:PutObject"),
		allow("", []string{"secret"}, "secretsmanager:GetSecretValue"),
		allow("ses:FromAddress=no-reply@coffer.example", []string{"arn:aws:ses:eu-central-1:000000000000:identity/coffer.example"}, "ses:SendEmail"),
		{Effect: "Deny", Action: []string{"dynamodb:DeleteItem"}, Resource: []string{rows}},
	},
}

func TestFunctionsMayDoWhatTheirRolesAllow(t *testing.T) {
	t.Parallel()
	transact := `{"TransactItems":[{"Update":{"TableName":"rows"}},{"ConditionCheck":{"TableName":"rows"}}%s]}`
	for _, c := range []request{
		{name: "read", service: "DynamoDB", target: "GetItem", body: `{"TableName":"rows"}`, may: true},
		{name: "delete", service: "DynamoDB", target: "DeleteItem", body: `{"TableName":"rows"}`},
		{name: "another table", service: "DynamoDB", target: "GetItem", body: `{"TableName":"others"}`},
		{name: "index", service: "DynamoDB", target: "Query", body: `{"TableName":"rows","IndexName":"Due"}`, may: true},
		{name: "another index", service: "DynamoDB", target: "Query", body: `{"TableName":"rows","IndexName":"Other"}`},
		{name: "batch", service: "DynamoDB", target: "BatchGetItem", body: `{"RequestItems":{"rows":{}}}`, may: true},
		{name: "batch of two tables", service: "DynamoDB", target: "BatchGetItem", body: `{"RequestItems":{"rows":{},"others":{}}}`},
		{name: "transaction", service: "DynamoDB", target: "TransactWriteItems", body: strings.Replace(transact, "%s", "", 1), may: true},
		{
			name: "part of a transaction", service: "DynamoDB", target: "TransactWriteItems",
			body: strings.Replace(transact, "%s", `,{"Delete":{"TableName":"rows"}}`, 1),
		},
		{name: "not JSON", service: "DynamoDB", target: "GetItem", body: "rows"},
		{name: "nothing", service: "DynamoDB", target: "ListTables", body: "{}"},
		{name: "send", service: "SQS", target: "SendMessageBatch", body: `{"QueueUrl":"http://localhost/000000000000/jobs"}`, may: true},
		{name: "another queue", service: "SQS", target: "SendMessage", body: `{"QueueUrl":"http://localhost/000000000000/mail"}`},
		{name: "receive", service: "SQS", target: "ReceiveMessage", body: `{"QueueUrl":"http://localhost/000000000000/jobs"}`},
		{name: "open", service: "KMS", target: "Decrypt", body: `{"KeyId":"` + key + `","EncryptionContext":{"purpose":"vault"}}`, may: true},
		{name: "open for another purpose", service: "KMS", target: "Decrypt", body: `{"KeyId":"` + key + `","EncryptionContext":{"purpose":"token"}}`},
		{name: "only a service may", service: "KMS", target: "Encrypt", body: `{"KeyId":"` + key + `"}`},
		{name: "get", service: "S3", method: http.MethodGet, path: "/vault/packs/a/b", may: true},
		{name: "head", service: "S3", method: http.MethodHead, path: "/vault/packs/a/b", may: true},
		{name: "put", service: "S3", method: http.MethodPut, path: "/vault/packs/a", may: true},
		{name: "another folder", service: "S3", method: http.MethodGet, path: "/vault/people/a"},
		{name: "another bucket", service: "S3", method: http.MethodGet, path: "/logs/packs/a"},
		{name: "remove", service: "S3", method: http.MethodDelete, path: "/vault/packs/a"},
		{name: "list", service: "S3", method: http.MethodGet, path: "/vault?list-type=2&prefix=packs/"},
		{name: "many", service: "S3", method: http.MethodPost, path: "/vault?delete"},
		{name: "secret", service: "Secrets Manager", target: "GetSecretValue", body: `{"SecretId":"secret"}`, may: true},
		{name: "another secret", service: "Secrets Manager", target: "GetSecretValue", body: `{"SecretId":"other"}`},
		{name: "mail", service: "SESv2", body: `{"FromEmailAddress":"Coffer <no-reply@coffer.example>"}`, may: true},
		{name: "another sender", service: "SESv2", body: `{"FromEmailAddress":"root@coffer.example"}`},
		{name: "unknown service", service: "EC2", target: "RunInstances", body: "{}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, refused := ask(c, "worker")
			if got != c.may || (len(refused) == 0) != c.may && c.body != "rows" && c.target != "ListTables" && c.path != "/vault?delete" && c.service != "EC2" {
				t.Errorf("allowed: %t, refused: %q", got, refused)
			}
			if got, _ := ask(c, "stranger"); got {
				t.Error("a function without a role may do it too")
			}
			if got, refused := ask(c, ""); !got || len(refused) > 0 {
				t.Errorf("the local cloud itself may not: %q", refused)
			}
		})
	}
}

// ask reports whether the service gets a function's request, whole, and what was
// refused.
func ask(c request, function string) (bool, []string) {
	g := &rights.Guard{Place: rights.Place{Region: "eu-central-1", Account: "000000000000"}}
	g.Know([]template.Function{worker})
	passed := false
	handler := g.Before(c.service, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		passed = err == nil && string(body) == c.body
	}))
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(c.body))
	if c.service == "S3" {
		r = httptest.NewRequest(c.method, c.path, nil)
	}
	r.Header.Set("X-Amz-Target", "Service."+c.target)
	if function != "" {
		r.Header.Set("User-Agent", "aws-sdk-go-v2/1.41.0 ua/2.1 os/linux lang/go#1.26 app/"+function+" m/E,Z")
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if denied := strings.Contains(w.Body.String(), "AccessDenied"); denied == passed {
		return false, []string{"both refused and passed on, or neither"}
	}
	return passed, slices.Clone(g.Refused())
}
