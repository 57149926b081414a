package template

import (
	"fmt"
	"time"

	"coffer/shared/env"
)

// Product is everything that the templates declare and the local cloud
// provides.
type Product struct {
	Tables    []Table
	Buckets   []Bucket
	Queues    []Queue
	Keys      []Key
	Secrets   []Secret
	Functions []Function
	Mappings  []Mapping
	Schedules []Schedule
	Routes    []Route

	apis         int
	rights       map[string][]Statement // by the ARN of the role
	integrations map[string]integration // by the name that routes use
}

// Identity is what every resource has.
type Identity struct {
	ID   string // the logical id
	Name string // the physical name
	ARN  string
}

// Table is a DynamoDB table.
type Table struct {
	Identity
	Attributes map[string]string // name to type: S, N or B
	Key        []KeyPart
	Indexes    []Index
	TTL        string // the attribute that items expire by, or ""
}

// KeyPart is an attribute of a key; Type is HASH or RANGE.
type KeyPart struct {
	Name string `json:"AttributeName"`
	Type string `json:"KeyType"`
}

// Index is a global secondary index.
type Index struct {
	Name       string     `json:"IndexName"`
	Key        []KeyPart  `json:"KeySchema"`
	Projection Projection `json:"Projection"`
	Throughput ignored    `json:"WarmThroughput"`
}

// Projection says which attributes an index holds.
type Projection struct {
	Type    string   `json:"ProjectionType"`
	Include []string `json:"NonKeyAttributes"`
}

// Bucket is an S3 bucket.
type Bucket struct {
	Identity
	Versioned bool
	Lock      bool // Object Lock may be used
}

// Queue is an SQS queue.
type Queue struct {
	Identity
	URL        string
	Visibility time.Duration
	Retention  time.Duration
	DeadLetter string // ARN of the queue that takes what failed too often, or ""
	MaxReceive int
}

// Key is a KMS key.
type Key struct{ Identity }

// Secret is a secret in Secrets Manager; its value is not in the template.
type Secret struct{ Identity }

// Function is a Lambda function.
type Function struct {
	Identity
	Folder      string // holds the executable bootstrap
	MemoryMB    int
	Timeout     time.Duration
	Concurrency int // reserved, or 0
	Environment map[string]string
	Rights      []Statement // those of its role

	role string // ARN
}

// Statement is a statement of an IAM policy.
type Statement struct {
	Effect    string
	Action    list
	Resource  list // ARNs, perhaps with a * at the end
	Condition struct {
		StringEquals map[string]string

		Any       ignored `json:"ForAnyValue:StringEquals"` // depends on what is in a request
		All       ignored `json:"ForAllValues:StringEquals"`
		IfPresent ignored `json:"StringEqualsIfExists"`
	}
}

// Mapping brings a queue's messages to a function.
type Mapping struct {
	Identity
	Queue          string // ARN
	Function       string // name
	Batch          int
	Window         time.Duration
	Concurrency    int // at most so many at once
	ReportFailures bool
}

// Schedule calls a function, or sends a queue a message, at times.
type Schedule struct {
	Identity
	Expression string
	Zone       string
	Function   string // name, or "" where there is a queue
	Queue      string // URL
	Input      string
}

// Route is a route of the HTTP API.
type Route struct {
	Identity
	Key      string // "GET /api/tasks/{task}" or "$default"
	Function string // name
	Timeout  time.Duration

	target string
}

// integration connects routes with a function.
type integration struct {
	function string
	timeout  time.Duration
}

// join replaces ARNs by the things that they name and reports those that name
// nothing.
func (p *Product) join() error {
	functions, queues := map[string]string{}, map[string]string{}
	for _, f := range p.Functions {
		functions[f.ARN] = f.Name
	}
	for _, q := range p.Queues {
		queues[q.ARN] = q.URL
	}
	find := func(user Identity, arn *string) error {
		name, ok := functions[*arn]
		if !ok {
			return fmt.Errorf("%s: %s is no function of the product", user.ID, *arn)
		}
		*arn = name
		return nil
	}
	for i := range p.Functions {
		f := &p.Functions[i]
		f.Rights = p.rights[f.role]
	}
	for _, q := range p.Queues {
		if q.DeadLetter != "" && queues[q.DeadLetter] == "" {
			return fmt.Errorf("%s: %s is no queue of the product", q.ID, q.DeadLetter)
		}
	}
	for i := range p.Mappings {
		m := &p.Mappings[i]
		if queues[m.Queue] == "" {
			return fmt.Errorf("%s: %s is no queue of the product; the local cloud polls only queues", m.ID, m.Queue)
		}
		if err := find(m.Identity, &m.Function); err != nil {
			return err
		}
	}
	for i := range p.Schedules {
		s := &p.Schedules[i]
		if s.Queue = queues[s.Function]; s.Queue != "" {
			s.Function = ""
		} else if err := find(s.Identity, &s.Function); err != nil {
			return err
		}
	}
	for i := range p.Routes {
		r := &p.Routes[i]
		to, ok := p.integrations[r.target]
		if !ok {
			return fmt.Errorf("%s: route %s has no integration %s", r.ID, r.Key, r.target)
		}
		r.Function, r.Timeout = to.function, to.timeout
		if err := find(r.Identity, &r.Function); err != nil {
			return err
		}
	}
	if p.apis > 1 {
		return fmt.Errorf("the templates declare %d HTTP APIs; the local cloud serves one", p.apis)
	}
	return nil
}

// Setting returns a setting as the functions that have it are given it, or "".
func (p *Product) Setting(s env.Setting) string {
	for _, f := range p.Functions {
		if v, ok := f.Environment[string(s)]; ok {
			return v
		}
	}
	return ""
}
