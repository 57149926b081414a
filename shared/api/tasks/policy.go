package tasks

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"coffer/shared/task"
)

// Policy is what a task backs up, how long it keeps it, and at what cost.
type Policy struct {
	Versions    bool       `json:"versions" doc:"Whether older versions of files are backed up too."`
	Trash       bool       `json:"trash" doc:"Whether what is in the trash is backed up too."`
	Index       bool       `json:"index" doc:"Whether names can be searched."`
	Retention   *Retention `json:"retention" doc:"How long snapshots are kept; null: for good."`
	ArchiveDays int        `json:"archiveDays" doc:"How many days backups of Box users who left are kept; 0: for good."`
	Shortened   *Shortened `json:"shortened,omitempty" doc:"What is kept for longer still, since it was shortened a few days ago."`
	Ceiling     int64      `json:"ceiling" doc:"How many Box calls may be made in a calendar month (UTC); 0: as many as it takes."`
	Concurrency int        `json:"concurrency" doc:"How many Box users are backed up at a time; 0: the usual number."`
}

// Retention is how long snapshots are kept.
type Retention struct {
	Number int       `json:"number"`
	Unit   task.Unit `json:"unit"`
}

// Shortened is how long things were kept before that was shortened.
type Shortened struct {
	Retention   *Retention `json:"retention" doc:"As in the policy."`
	ArchiveDays int        `json:"archiveDays" doc:"As in the policy."`
	Until       time.Time  `json:"until" doc:"Until when they are kept for so long. Set the policy back before, and nothing is deleted."`
}

// Schema implements huma.SchemaProvider: a schema of its own, since a reference
// to one cannot say that null is another value.
func (Retention) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{
		Type: huma.TypeObject, Nullable: true, Required: []string{"number", "unit"}, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{
			"number": {Type: huma.TypeInteger, Minimum: new(1.0), Maximum: new(float64(task.Days.Longest())), Description: "At most 3650 days, 120 months or 50 years."},
			"unit":   {Type: huma.TypeString, Enum: []any{string(task.Days), string(task.Months), string(task.Years)}},
		},
	}
	s.PrecomputeMessages()
	return s
}

var _ huma.SchemaProvider = Retention{}

// PolicyChange is what to change of a policy; what is absent stays.
type PolicyChange struct {
	Versions    *bool           `json:"versions,omitempty"`
	Trash       *bool           `json:"trash,omitempty"`
	Index       *bool           `json:"index,omitempty"`
	Retention   retentionChange `json:"retention,omitzero" doc:"Null: for good."`
	ArchiveDays *int            `json:"archiveDays,omitempty" minimum:"0" maximum:"3650"`
	Ceiling     *int64          `json:"ceiling,omitempty" minimum:"0" maximum:"1000000000"`
	Concurrency *int            `json:"concurrency,omitempty" minimum:"0" maximum:"100"`
}

// retentionChange tells null, which is for good, from nothing, which stays.
type retentionChange struct {
	given bool
	to    *Retention
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *retentionChange) UnmarshalJSON(data []byte) error {
	c.given = true
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(&c.to)
}

// Schema implements huma.SchemaProvider.
func (retentionChange) Schema(r huma.Registry) *huma.Schema { return Retention{}.Schema(r) }

var _ huma.SchemaProvider = retentionChange{}

// change returns what the table is to change.
func (c *PolicyChange) change() (task.PolicyChange, error) {
	out := task.PolicyChange{Versions: c.Versions, Trash: c.Trash, ArchiveDays: c.ArchiveDays, Ceiling: c.Ceiling, Concurrency: c.Concurrency}
	if c.Index != nil {
		out.Unsearched = new(!*c.Index)
	}
	if !c.Retention.given {
		return out, nil
	}
	out.Retention = &task.Retention{}
	if r := c.Retention.to; r != nil {
		out.Retention = &task.Retention{Number: r.Number, Unit: r.Unit}
	}
	return out, out.Retention.Check("policy.retention.number")
}

func describePolicy(t task.Task, now time.Time) Policy {
	p := t.Policy
	out := Policy{
		Versions: p.Versions, Trash: p.Trash, Index: !p.Unsearched, Retention: describeRetention(p.Retention),
		ArchiveDays: p.ArchiveDays, Ceiling: p.Ceiling, Concurrency: p.Concurrency,
	}
	if s := t.Shortened; s != nil && now.Before(s.Until) {
		out.Shortened = &Shortened{Retention: describeRetention(s.Retention), ArchiveDays: s.ArchiveDays, Until: s.Until}
	}
	return out
}

func describeRetention(r task.Retention) *Retention {
	if r.Number == 0 {
		return nil
	}
	return &Retention{Number: r.Number, Unit: r.Unit}
}
