// Package secrets is the local cloud's Secrets Manager: CreateSecret,
// PutSecretValue, GetSecretValue and DescribeSecret, with the staging labels
// AWSCURRENT and AWSPREVIOUS.
//
// Values lie in a file that only its owner can read, as they are. Requests must
// be signed, but signatures are not checked: see awsjson.
package secrets

import (
	"cmp"
	"context"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"coffer/scripts/local/awsjson"
	"coffer/scripts/local/statefile"
)

const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
	maxValue = 65_536 // bytes
)

// Options says where secrets live and what they are called.
type Options struct {
	Dir     string // state; empty keeps secrets in memory
	Region  string // part of ARNs; us-east-1 if empty
	Account string // twelve digits, part of ARNs; zeros if empty
}

// Server is the service, an http.Handler.
type Server struct {
	http.Handler
	path, prefix string

	mu      sync.Mutex
	secrets map[string]secret // by name
}

// secret is a secret with its current and its previous version.
type secret struct {
	Description       string            `json:",omitempty"`
	Tags              map[string]string `json:",omitempty"`
	Created, Changed  time.Time
	Current, Previous *version `json:",omitempty"`
}

type version struct {
	ID      string
	String  *string `json:",omitempty"`
	Binary  []byte  `json:",omitempty"`
	Created time.Time
}

// New opens the service's state.
func New(o Options) (*Server, error) {
	s := &Server{
		prefix:  strings.Join([]string{"arn:aws:secretsmanager", cmp.Or(o.Region, "us-east-1"), cmp.Or(o.Account, "000000000000"), "secret", ""}, ":"),
		secrets: map[string]secret{},
	}
	if o.Dir != "" {
		s.path = filepath.Join(o.Dir, "secrets.json")
		if err := statefile.Load(s.path, &s.secrets); err != nil {
			return nil, err
		}
	}
	s.Handler = &awsjson.Handler{Version: "1.1", Target: "secretsmanager", Operations: map[string]awsjson.Operation{
		"CreateSecret":   awsjson.Op(s.create),
		"PutSecretValue": awsjson.Op(s.put),
		"GetSecretValue": awsjson.Op(s.get),
		"DescribeSecret": awsjson.Op(s.describe),
	}}
	return s, nil
}

// Close releases nothing: every change is on disk when it is answered.
func (*Server) Close() error { return nil }

// find returns the secret that an id names: its name, its ARN, or its ARN
// without the six characters that AWS appends. The caller holds the lock.
func (s *Server) find(id string) (name string, _ secret, err error) {
	name = strings.TrimPrefix(id, s.prefix)
	if found, ok := s.secrets[name]; ok {
		return name, found, nil
	}
	if cut := strings.TrimSuffix(name, suffix); cut != name {
		if found, ok := s.secrets[cut]; ok {
			return cut, found, nil
		}
	}
	return "", secret{}, awsjson.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

// suffix stands for the random characters that AWS appends to a name in ARNs.
// It is always the same, so that an ARN can be told from a name.
const suffix = "-LocaL0"

func (s *Server) arn(name string) string { return s.prefix + name + suffix }

// save makes a change to one secret, on disk first.
func (s *Server) save(name string, changed secret) error {
	old, existed := s.secrets[name]
	s.secrets[name] = changed
	if s.path == "" {
		return nil
	}
	err := statefile.Save(s.path, s.secrets)
	if err == nil {
		return nil
	}
	delete(s.secrets, name)
	if existed {
		s.secrets[name] = old
	}
	return err
}

type tag struct{ Key, Value string }

type writeInput struct {
	Name               string // CreateSecret
	SecretId           string // PutSecretValue
	ClientRequestToken string
	Description        string
	KmsKeyId           string // accepted: the local state is as safe as its folder
	SecretString       *string
	SecretBinary       []byte
	VersionStages      []string
	Tags               []tag
}

type writeOutput struct {
	ARN, Name     string
	VersionId     string   `json:",omitempty"`
	VersionStages []string `json:",omitempty"`
}

var secretName = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]{1,512}$`)

func (s *Server) create(_ context.Context, in writeInput) (writeOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !secretName.MatchString(in.Name) {
		return writeOutput{}, awsjson.Errorf("ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@")
	}
	if _, _, err := s.find(in.Name); err == nil {
		return writeOutput{}, awsjson.Errorf("ResourceExistsException", "The operation failed because the secret %s already exists.", in.Name)
	}
	now := time.Now().UTC()
	made := secret{Description: in.Description, Tags: map[string]string{}, Created: now, Changed: now}
	for _, t := range in.Tags {
		made.Tags[t.Key] = t.Value
	}
	out := writeOutput{ARN: s.arn(in.Name), Name: in.Name}
	if in.SecretString != nil || in.SecretBinary != nil {
		v, err := in.version(now)
		if err != nil {
			return writeOutput{}, err
		}
		made.Current, out.VersionId = v, v.ID
	}
	return out, s.save(in.Name, made)
}

func (s *Server) put(_ context.Context, in writeInput) (writeOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, old, err := s.find(in.SecretId)
	if err != nil {
		return writeOutput{}, err
	}
	if len(in.VersionStages) > 1 || len(in.VersionStages) == 1 && in.VersionStages[0] != current {
		return writeOutput{}, awsjson.Errorf("InvalidParameterException", "The local Secrets Manager stages new values as %s only.", current)
	}
	now := time.Now().UTC()
	v, err := in.version(now)
	if err != nil {
		return writeOutput{}, err
	}
	out := writeOutput{ARN: s.arn(name), Name: name, VersionId: v.ID, VersionStages: []string{current}}
	if c := old.Current; c != nil && c.ID == v.ID {
		if v.same(c) {
			return out, nil // the same request again
		}
		return writeOutput{}, awsjson.Errorf("ResourceExistsException", "A version with this token exists already, with another value.")
	}
	next := old
	next.Previous, next.Current, next.Changed = old.Current, v, now
	return out, s.save(name, next)
}

// version returns the version that a request makes.
func (in *writeInput) version(now time.Time) (*version, error) {
	if (in.SecretString == nil) == (in.SecretBinary == nil) {
		return nil, awsjson.Errorf("InvalidParameterException", "You must provide either SecretString or SecretBinary.")
	}
	v := &version{ID: cmp.Or(in.ClientRequestToken, uuid.NewString()), String: in.SecretString, Binary: in.SecretBinary, Created: now}
	if n := max(len(v.text()), len(v.Binary)); n > maxValue {
		return nil, awsjson.Errorf("ValidationException", "The secret has %d bytes and may have %d.", n, maxValue)
	}
	return v, nil
}

func (v *version) text() string {
	if v.String == nil {
		return ""
	}
	return *v.String
}

func (v *version) same(w *version) bool {
	return v.text() == w.text() && string(v.Binary) == string(w.Binary)
}

type readInput struct{ SecretId, VersionId, VersionStage string }

type readOutput struct {
	ARN, Name, VersionId string
	SecretString         *string `json:",omitempty"`
	SecretBinary         []byte  `json:",omitempty"`
	VersionStages        []string
	CreatedDate          float64 // Unix seconds
}

func (s *Server) get(_ context.Context, in readInput) (readOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, found, err := s.find(in.SecretId)
	if err != nil {
		return readOutput{}, err
	}
	for stage, v := range found.versions() {
		asked := in.VersionStage == stage || in.VersionStage == "" && (in.VersionId != "" || stage == current)
		if asked && (in.VersionId == "" || in.VersionId == v.ID) {
			return readOutput{
				ARN: s.arn(name), Name: name, VersionId: v.ID, SecretString: v.String, SecretBinary: v.Binary,
				VersionStages: []string{stage}, CreatedDate: seconds(v.Created),
			}, nil
		}
	}
	return readOutput{}, awsjson.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret value.")
}

// versions returns the versions that exist by their stage.
func (s secret) versions() map[string]*version {
	out := map[string]*version{}
	if s.Current != nil {
		out[current] = s.Current
	}
	if s.Previous != nil {
		out[previous] = s.Previous
	}
	return out
}

type describeOutput struct {
	ARN, Name, Description       string
	CreatedDate, LastChangedDate float64 // Unix seconds
	Tags                         []tag
	VersionIdsToStages           map[string][]string
}

func (s *Server) describe(_ context.Context, in readInput) (describeOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, found, err := s.find(in.SecretId)
	if err != nil {
		return describeOutput{}, err
	}
	out := describeOutput{
		ARN: s.arn(name), Name: name, Description: found.Description,
		CreatedDate: seconds(found.Created), LastChangedDate: seconds(found.Changed),
		VersionIdsToStages: map[string][]string{},
	}
	for stage, v := range found.versions() {
		out.VersionIdsToStages[v.ID] = []string{stage}
	}
	for k, v := range found.Tags {
		out.Tags = append(out.Tags, tag{k, v})
	}
	return out, nil
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
