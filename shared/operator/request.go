package operator

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"coffer/shared/backup"
	"coffer/shared/task"
)

// request is a payload that is as its action wants it.
type request struct {
	Action    string           `json:"action"`
	Reason    string           `json:"reason"`
	Email     string           `json:"email"`
	Account   backup.AccountID `json:"account"`
	Task      backup.TaskID    `json:"task"`
	Index     bool             `json:"index"`
	Retention json.RawMessage  `json:"retention"`
	Frequency task.Frequency   `json:"frequency"`
	Region    string           `json:"region"`
	Confirm   bool             `json:"confirm"`

	retention task.Retention
	id        string
}

// action is something that can be asked for, with the fields that it needs
// beside action and reason, and those that it may have.
type action struct {
	needs, may []string
	do         func(*Operator, context.Context, request) (Answer, error)
}

func actions() map[string]action {
	return map[string]action{
		"find-account":  {nil, []string{"email", "account"}, (*Operator).findAccount},
		"describe-task": {[]string{"account", "task"}, nil, (*Operator).describeTask},
		"set-index":     {[]string{"account", "task", "index"}, nil, (*Operator).setIndex},
		"set-retention": {[]string{"account", "task", "retention"}, []string{"confirm"}, (*Operator).setRetention},
		"set-frequency": {[]string{"account", "task", "frequency"}, nil, (*Operator).setFrequency},
		"change-region": {[]string{"account"}, []string{"region"}, (*Operator).changeRegion},
	}
}

// decode reads a payload. Every error is Invalid, and names the field that is
// wrong where one is; the request then has what could be read.
func decode(payload []byte) (request, error) {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(payload, &given); err != nil || given == nil {
		return request{}, backup.Errorf(backup.Invalid, "The payload must be a JSON object, such as those in events/operator.")
	}
	var r request
	if json.Unmarshal(given["action"], &r.Action) != nil || actions()[r.Action].do == nil {
		return request{}, backup.Field("action", "The action must be one of %s.", strings.Join(slices.Sorted(maps.Keys(actions())), ", "))
	}
	a := actions()[r.Action]
	needs := append([]string{"reason"}, a.needs...)
	all := slices.Concat([]string{"action"}, needs, a.may)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(all, name) {
			return r, backup.Field(name, "%s takes no field %q, only %s.", r.Action, name, strings.Join(all, ", "))
		}
		if string(given[name]) == "null" {
			return r, backup.Field(name, "%s must not be null.", name)
		}
	}
	for _, name := range needs {
		if given[name] == nil {
			return r, backup.Field(name, "%s needs the field %q.", r.Action, name)
		}
	}
	if err := json.Unmarshal(payload, &r); err != nil {
		if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return r, backup.Field(e.Field, "%s must be a %s, not a %s.", e.Field, kindOf(e.Field), e.Value)
		}
		return r, backup.Errorf(backup.Invalid, "The payload is not JSON as it should be.")
	}
	return r, r.check(given)
}

func kindOf(field string) string {
	if field == "index" || field == "confirm" {
		return "true or false"
	}
	return "text"
}

// check looks at the values of the fields that are given.
func (r *request) check(given map[string]json.RawMessage) (err error) {
	r.Reason = strings.TrimSpace(r.Reason)
	if n := utf8.RuneCountInString(r.Reason); n < 3 || n > 200 || strings.ContainsFunc(r.Reason, unicode.IsControl) {
		return backup.Field("reason", "The reason must be one line of 3 to 200 characters, such as the number of a ticket. The customer reads it.")
	}
	for name, value := range map[string]string{"email": r.Email, "account": string(r.Account), "task": string(r.Task)} {
		if given[name] != nil && (value == "" || len(value) > 320) {
			return backup.Field(name, "%s must have 1 to 320 characters.", name)
		}
	}
	if r.Action == "find-account" && (given["email"] == nil) == (given["account"] == nil) {
		return backup.Field("email", "find-account needs either the e-mail address of a portal user or the id of the account.")
	}
	if given["frequency"] != nil && !slices.Contains(task.Frequencies(), r.Frequency) {
		return backup.Field("frequency", "The frequency must be one of daily, every_3_days, weekly, three_times_daily.")
	}
	if given["retention"] != nil {
		r.retention, err = parseRetention(r.Retention)
	}
	return err
}

// parseRetention reads one of {"days": 90}, {"months": 6}, {"years": 7} and
// {"unlimited": true}.
func parseRetention(raw json.RawMessage) (task.Retention, error) {
	wrong := backup.Field("retention", `The retention must be one of {"days": 1 to 3650}, {"months": 1 to 120}, {"years": 1 to 50}, {"unlimited": true}.`)
	var given map[string]json.RawMessage
	if json.Unmarshal(raw, &given) != nil || len(given) != 1 {
		return task.Retention{}, wrong
	}
	for name, value := range given {
		if name == "unlimited" && string(value) == "true" {
			return task.Retention{}, nil
		}
		r := task.Retention{Unit: task.Unit(name)}
		if r.Unit.Longest() == 0 {
			return r, wrong
		}
		if json.Unmarshal(value, &r.Number) != nil {
			return r, backup.Field("retention."+name, "The number of %s must be a whole number.", name)
		}
		return r, r.Check("retention." + name)
	}
	return task.Retention{}, wrong
}
