package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// statement is a statement of an IAM policy.
type statement struct {
	actions   []string
	resources string // JSON
	condition string // JSON
	allow     bool
}

func statements(document any) []statement {
	var all []statement
	for _, s := range list(at(document, "Statement")) {
		st := statement{resources: compact(at(s, "Resource")), condition: compact(at(s, "Condition")), allow: at(s, "Effect") == "Allow"}
		for _, a := range list(at(s, "Action")) {
			st.actions = append(st.actions, a.(string))
		}
		all = append(all, st)
	}
	return all
}

// rights returns what the role of a function may do.
func rights(t *testing.T, function string) []statement {
	t.Helper()
	id, f := lambda(t, function)
	role := at(f.Properties, "Role.Fn::GetAtt.0").(string)
	var all []statement
	for _, r := range region1.Resources {
		if r.Type == "AWS::IAM::Policy" && strings.Contains(compact(r.Properties["Roles"]), `"`+role+`"`) {
			all = append(all, statements(r.Properties["PolicyDocument"])...)
		}
	}
	if len(all) == 0 {
		t.Fatalf("function %s has no rights", id)
	}
	return all
}

func lambda(t *testing.T, function string) (string, resource) {
	t.Helper()
	for id, r := range region1.Resources {
		if r.Type == "AWS::Lambda::Function" && regexp.MustCompile("^"+function+"[0-9A-F]{8}$").MatchString(id) {
			return id, r
		}
	}
	t.Fatalf("there is no function %s", function)
	return "", resource{}
}

// actionsOf returns the actions of one service that a function may do.
func actionsOf(t *testing.T, function, service string) []string {
	found := map[string]bool{}
	for _, s := range rights(t, function) {
		for _, a := range s.actions {
			if strings.HasPrefix(a, service+":") {
				found[a] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func TestNoRightIsAWildcard(t *testing.T) {
	t.Parallel()
	for _, in := range []*template{region1, directory1} {
		for id, r := range in.Resources {
			for _, document := range []string{"PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument"} {
				for _, s := range statements(r.Properties[document]) {
					for _, a := range s.actions {
						if s.allow && strings.Contains(a, "*") {
							t.Errorf("%s allows %s", id, a)
						}
					}
					everything := s.resources == `"*"` && document != "KeyPolicy" && !strings.HasPrefix(s.actions[0], "xray:")
					if s.allow && everything {
						t.Errorf("%s allows %v on everything", id, s.actions)
					}
				}
			}
			if r.Type == "AWS::IAM::Role" && (r.Properties["ManagedPolicyArns"] != nil || r.Properties["Policies"] != nil) {
				t.Errorf("%s has rights that are not in a policy of its own", id)
			}
		}
	}
}

func TestOnlyPruneDeletesFromTheVault(t *testing.T) {
	t.Parallel()
	for _, f := range functionNames {
		may := slices.ContainsFunc(actionsOf(t, f, "s3"), func(a string) bool { return strings.Contains(a, "Delete") })
		if may != (f == "prune") {
			t.Errorf("%s may delete: %v", f, may)
		}
	}
}

func TestTasksCannotReadContent(t *testing.T) {
	t.Parallel()
	for _, f := range []string{"schedule", "scan", "mail", "report", "count", "act", "identity", "tasks", "web", "operator"} {
		if got := actionsOf(t, f, "s3"); len(got) > 0 {
			t.Errorf("%s may do %v", f, got)
		}
		for _, s := range rights(t, f) {
			if strings.Contains(s.resources, "ContentsTable") || strings.Contains(s.resources, "VaultBucket") {
				t.Errorf("%s may do %v on %s", f, s.actions, s.resources)
			}
			opens := slices.Contains(s.actions, "kms:Decrypt")
			if opens && strings.Contains(s.condition, `"vault"`) {
				t.Errorf("%s may open keys of the vault", f)
			}
			boxes := strings.Contains(s.condition, `"kms:EncryptionContext:purpose":"token"`) || strings.Contains(s.condition, `"kms:EncryptionContext:purpose":"credentials"`)
			if opens && !strings.Contains(s.condition, "kms:ViaService") && !boxes {
				t.Errorf("%s may decrypt under %s", f, s.condition)
			}
		}
	}
}

// An operator finds accounts by them, and changes none.
func TestOnlyIdentityAndOperatorsKnowAddresses(t *testing.T) {
	t.Parallel()
	for _, f := range functionNames {
		knows := slices.ContainsFunc(rights(t, f), func(s statement) bool { return strings.Contains(s.resources, directoryName) })
		if knows != (f == "identity" || f == "operator") {
			t.Errorf("%s may use the directory: %v", f, knows)
		}
	}
}

func TestOnlyIdentityWritesPasswords(t *testing.T) {
	t.Parallel()
	const refused = `{"ForAnyValue:StringEquals":{"dynamodb:Attributes":["Password"]}}`
	for _, f := range functionNames {
		writes, kept := false, false
		for _, s := range rights(t, f) {
			if strings.Contains(s.resources, "AccountsTable") && slices.Contains(s.actions, "dynamodb:PutItem") {
				writes = writes || s.allow
				kept = kept || !s.allow && s.condition == refused
			}
		}
		if writes && kept == (f == "identity") {
			t.Errorf("%s may write passwords: %v", f, !kept)
		}
	}
}

func TestActivityIsOnlyAppended(t *testing.T) {
	t.Parallel()
	for _, f := range functionNames {
		for _, s := range rights(t, f) {
			if !strings.Contains(s.resources, "AuditTable") {
				continue
			}
			for _, a := range s.actions {
				if a == "dynamodb:UpdateItem" || a == "dynamodb:DeleteItem" || a == "dynamodb:BatchWriteItem" {
					t.Errorf("%s may do %s on the audit table", f, a)
				}
			}
		}
	}
}

// The settings that a function is given are exactly those that its main reads.
func TestFunctionsGetTheSettingsTheyRead(t *testing.T) {
	t.Parallel()
	names := settingNames(t)
	for _, f := range functionNames {
		t.Run(f, func(t *testing.T) {
			t.Parallel()
			_, r := lambda(t, f)
			given, _ := at(r.Properties, "Environment.Variables").(map[string]any)
			if diff := cmp.Diff(slices.Sorted(maps.Keys(given)), settingsRead(t, "../functions/"+f, names)); diff != "" {
				t.Errorf("given and read (-given +read):\n%s", diff)
			}
		})
	}
}

// settingNames maps the constants of shared/env to the names that they stand
// for.
func settingNames(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../shared/env/env.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			if value, ok := v.Values[0].(*ast.BasicLit); ok {
				names[v.Names[0].Name] = strings.Trim(value.Value, `"`)
			}
		}
		return true
	})
	return names
}

// settingsRead returns the settings that a function's files mention, or the
// wiring that they use.
func settingsRead(t *testing.T, folder string, names map[string]string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	read := map[string]bool{}
	wired := false
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), folder+"/"+e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				x, ok := s.X.(*ast.Ident)
				if ok && x.Name == "env" && names[s.Sel.Name] != "" {
					read[names[s.Sel.Name]] = true
				}
				wired = wired || ok && x.Name == "wiring" && s.Sel.Name == "Box" // the only part that reads any
			}
			return true
		})
	}
	if wired {
		for _, name := range settingsRead(t, "../shared/wiring", names) {
			read[name] = true
		}
	}
	return slices.Sorted(maps.Keys(read))
}

// Prune copies contents from one pack to another.
func TestOnlyWorkersReachContents(t *testing.T) {
	t.Parallel()
	for _, name := range functionNames {
		for _, s := range rights(t, name) {
			reads := s.allow && slices.Contains(s.actions, "s3:GetObject") && strings.Contains(s.resources, "/packs/")
			if reads && name != "backup" && name != "recover" && name != "prune" && name != "verify" {
				t.Errorf("%s may read contents", name)
			}
		}
	}
}

// What is rare is not tried by those who test by hand: erasing a backup that has
// jobs, and reading an object that is missing, which S3 tells only who may list.
func TestRareWorkIsAllowed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ function, action, resource string }{
		{"prune", "dynamodb:UpdateItem", "JobsTable"}, // takes a job away from workers before it is removed
		{"prune", "dynamodb:DeleteItem", "JobsTable"},
		{"tasks", "dynamodb:DeleteItem", "TasksTable"},
		{"backup", "s3:ListBucket", "VaultBucket"},
		{"recover", "s3:ListBucket", "VaultBucket"},
		{"prune", "s3:ListBucket", "VaultBucket"},
		{"verify", "s3:ListBucket", "VaultBucket"},
	} {
		if !slices.ContainsFunc(rights(t, c.function), func(s statement) bool {
			return s.allow && slices.Contains(s.actions, c.action) && strings.Contains(s.resources, c.resource)
		}) {
			t.Errorf("%s may not %s on %s", c.function, c.action, c.resource)
		}
	}
}
