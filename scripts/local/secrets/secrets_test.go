package secrets_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"coffer/scripts/local/loopback"
	"coffer/scripts/local/secrets"
)

func open(t *testing.T, dir string) *secretsmanager.Client {
	t.Helper()
	s, err := secrets.New(secrets.Options{Dir: dir, Region: "eu-central-1"})
	if err != nil {
		t.Fatal(err)
	}
	srv, err := loopback.Serve("127.0.0.1:0", s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	return secretsmanager.New(secretsmanager.Options{
		Region: "eu-central-1", BaseEndpoint: &srv.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	})
}

func value(t *testing.T, c *secretsmanager.Client, in secretsmanager.GetSecretValueInput) string {
	t.Helper()
	out, err := c.GetSecretValue(t.Context(), &in)
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(out.SecretString)
}

func TestSecretSurvivesRestartWithItsPreviousValue(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := open(t, dir)
	made, err := c.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: new("coffer/box"), SecretString: new("one"), Tags: []types.Tag{{Key: new("k"), Value: new("v")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: new("coffer/box"), SecretString: new("two")}); err != nil {
		t.Fatal(err)
	}
	c = open(t, dir)
	if got := value(t, c, secretsmanager.GetSecretValueInput{SecretId: made.ARN}); got != "two" {
		t.Errorf("by ARN: got %q", got)
	}
	if got := value(t, c, secretsmanager.GetSecretValueInput{SecretId: new("coffer/box"), VersionStage: new("AWSPREVIOUS")}); got != "one" {
		t.Errorf("previous: got %q", got)
	}
	if got := value(t, c, secretsmanager.GetSecretValueInput{SecretId: new("coffer/box"), VersionId: made.VersionId}); got != "one" {
		t.Errorf("by version: got %q", got)
	}
	about, err := c.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: new("coffer/box")})
	if err != nil {
		t.Fatal(err)
	}
	if len(about.VersionIdsToStages) != 2 || *about.Tags[0].Value != "v" || about.CreatedDate.Year() < 2026 {
		t.Errorf("described as %+v", about)
	}
	info, err := os.Stat(filepath.Join(dir, "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the state file has mode %v", info.Mode())
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	c := open(t, "")
	_, err := c.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: new("none")})
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
		t.Errorf("no secret: got %v", err)
	}
	if _, err := c.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: new("empty")}); err != nil {
		t.Fatal(err)
	}
	_, err = c.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: new("empty")})
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
		t.Errorf("no value: got %v", err)
	}
	_, err = c.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: new("empty")})
	if _, ok := errors.AsType[*types.ResourceExistsException](err); !ok {
		t.Errorf("twice: got %v", err)
	}
	put := &secretsmanager.PutSecretValueInput{SecretId: new("empty"), SecretString: new("x"), ClientRequestToken: new("aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa")}
	for range 2 { // the same request again is no error
		if _, err := c.PutSecretValue(t.Context(), put); err != nil {
			t.Fatal(err)
		}
	}
	put.SecretString = new("y")
	_, err = c.PutSecretValue(t.Context(), put)
	if _, ok := errors.AsType[*types.ResourceExistsException](err); !ok {
		t.Errorf("same token, other value: got %v", err)
	}
}
