package main

import (
	"strings"
	"testing"
)

// fromFile reads cdk.json, with assets that are not there, and returns what it
// says.
func fromFile(t *testing.T, command string) *settings {
	t.Helper()
	s, err := readSettings("../cdk.json", command)
	if s == nil {
		t.Fatal(err)
	}
	return s
}

func TestMistakesInSettingsAreExplained(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, command, want string }{
		{"functions are not built", `{"coffer:assets":"nowhere"}`, "function schedule is not built (make functions)"},
		{"no home", `{"coffer:home":"mars-1"}`, `setting coffer:home is "mars-1", which is not among coffer:regions`},
		{"no Box", `{"coffer:box":{"api":"","upload":"u","account":"a"}}`, "setting coffer:box api is empty"},
		{"not JSON", `{`, "settings in CDK_CONTEXT_JSON"},
		{"wrong kind", `{"coffer:regions":7}`, "settings:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := readSettings("../cdk.json", c.command)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestTheCommandOverridesTheFile(t *testing.T) {
	t.Parallel()
	s := fromFile(t, `{"coffer:portals":{"eu-west-3":"https://fr.coffer.test"}}`)
	if s.Portals["eu-west-3"] != "https://fr.coffer.test" || s.Box.API != "https://api.box.com" {
		t.Errorf("portals %q, Box %q", s.Portals, s.Box.API)
	}
}
