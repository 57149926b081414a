package rights

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/mail"
	"path"
	"strings"
)

// Place is where resources are.
type Place struct{ Region, Account string }

// need is an action that a request needs the right to.
type need struct {
	action, resource string
	context          map[string]string // what conditions are about
}

// input is what the inputs of JSON operations say about what they need.
type input struct {
	TableName, IndexName string
	RequestItems         map[string]any
	TransactItems        []map[string]struct{ TableName string }
	QueueURL             string `json:"QueueUrl"`
	KeyID                string `json:"KeyId"`
	EncryptionContext    map[string]string
	SecretID             string `json:"SecretId"`
	FromEmailAddress     string
}

// needs returns what a request needs. A request that is not understood is an
// error.
func (p Place) needs(service string, r *http.Request, body []byte) ([]need, error) {
	if service == "S3" {
		return object(r)
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var in input
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, fmt.Errorf("%s of %s: %w", operation, service, err)
	}
	switch service {
	case "DynamoDB":
		return p.rows(operation, in)
	case "SQS":
		action := "sqs:" + strings.TrimSuffix(operation, "Batch")
		return []need{{action: action, resource: p.arn("sqs", path.Base(in.QueueURL))}}, nil
	case "KMS":
		return []need{{
			action: "kms:" + operation, resource: in.KeyID,
			context: map[string]string{"kms:EncryptionContext:purpose": in.EncryptionContext["purpose"]},
		}}, nil
	case "SESv2": // the only one without a target
		from, err := mail.ParseAddress(in.FromEmailAddress)
		if err != nil {
			return nil, fmt.Errorf("sender of an e-mail: %w", err)
		}
		_, domain, _ := strings.Cut(from.Address, "@")
		return []need{{
			action: "ses:SendEmail", resource: p.arn("ses", "identity/"+domain),
			context: map[string]string{"ses:FromAddress": from.Address},
		}}, nil
	case "Secrets Manager":
		return []need{{action: "secretsmanager:" + operation, resource: in.SecretID}}, nil
	}
	return nil, fmt.Errorf("nothing is known of rights to %s", service)
}

// rows returns what an operation of DynamoDB needs. A transaction needs what its
// parts do.
func (p Place) rows(operation string, in input) ([]need, error) {
	table := func(action, name string) need {
		return need{action: "dynamodb:" + action, resource: p.arn("dynamodb", "table/"+name)}
	}
	var all []need
	for name := range in.RequestItems {
		all = append(all, table(operation, name))
	}
	for _, part := range in.TransactItems {
		for kind, item := range part {
			all = append(all, table(strings.TrimSuffix(kind, "Item")+"Item", item.TableName))
		}
	}
	if in.TableName != "" {
		all = append(all, table(operation, in.TableName))
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s is about no table", operation)
	}
	if in.IndexName != "" {
		all[0].resource += "/index/" + in.IndexName
	}
	return all, nil
}

// object returns what a request to S3 needs.
func object(r *http.Request) ([]need, error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	n := need{resource: "arn:aws:s3:::" + bucket}
	if key != "" {
		n.resource += "/" + key
	}
	switch {
	case key == "" && r.Method == http.MethodGet:
		n.action = "s3:ListBucket"
	case key != "" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		n.action = "s3:GetObject"
	case key != "" && r.Method == http.MethodPut:
		n.action = "s3:PutObject"
	case key != "" && r.Method == http.MethodDelete:
		n.action = "s3:DeleteObject"
	default:
		return nil, fmt.Errorf("nothing is known of rights to %s %s", r.Method, r.URL.Path)
	}
	return []need{n}, nil
}

func (p Place) arn(service, resource string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, p.Region, p.Account, resource)
}
