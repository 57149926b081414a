package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/account"
)

// TestOperatorsReachNoContentAndNoSecret_B10 says all that the role may do.
func TestOperatorsReachNoContentAndNoSecret_B10(t *testing.T) {
	t.Parallel()
	got := map[string][]string{}
	for _, s := range rights(t, "operator") {
		if !s.allow {
			continue
		}
		for _, table := range []string{"AccountsTable", directoryName, "TasksTable", "SnapshotsTable", "AuditTable", "mailQueue", "ContentsTable", "JobsTable", "VaultBucket"} {
			if strings.Contains(s.resources, table) {
				got[table] = append(got[table], s.actions...)
			}
		}
		if strings.Contains(s.resources, "AccountsTable") {
			for _, a := range account.NamedAttributes() {
				if !strings.Contains(s.condition, `"`+a+`"`) {
					t.Errorf("what is read of accounts cannot be read: %s", a)
				}
			}
			for _, secret := range []string{"Password", "Key", "Hash"} {
				if strings.Contains(s.condition, `"`+secret+`"`) || !strings.Contains(s.condition, "SPECIFIC_ATTRIBUTES") {
					t.Errorf("accounts are read with %s: %s", secret, s.condition)
				}
			}
		}
		if slices.Contains(s.actions, "kms:Decrypt") && !strings.Contains(s.condition, "kms:ViaService") {
			t.Errorf("keys are opened under %s", s.condition)
		}
	}
	want := map[string][]string{
		"AccountsTable":  {"dynamodb:Query"},
		directoryName:    {"dynamodb:GetItem"},
		"TasksTable":     {"dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem", "dynamodb:Query"},
		"SnapshotsTable": {"dynamodb:Query"},
		"AuditTable":     {"dynamodb:PutItem"},
		"mailQueue":      {"sqs:SendMessage"},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("rights (-got +want):\n%s", diff)
	}
}

// TestNothingButPeopleInvokesTheOperator keeps triggers and routes from it.
func TestNothingButPeopleInvokesTheOperator(t *testing.T) {
	t.Parallel()
	id, _ := lambda(t, "operator")
	for name, r := range region1.Resources {
		switch r.Type {
		case "AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping", "AWS::Lambda::Url", "AWS::Scheduler::Schedule", "AWS::ApiGatewayV2::Integration":
			if strings.Contains(compact(r.Properties), `"`+id+`"`) {
				t.Errorf("%s invokes it", name)
			}
		}
	}
}
