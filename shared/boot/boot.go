// Package boot is what every function's main does first: JSON logs, the AWS
// configuration, settings and secrets. Only mains import it, and only here may
// a process exit because something is missing.
package boot

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"coffer/shared/env"
)

// startTimeout bounds what a main does before it serves; Lambda itself allows
// 10 s for it.
const startTimeout = 8 * time.Second

// App is a started process: its AWS configuration and its settings.
type App struct {
	AWS aws.Config
}

// Start sets up JSON logs, tells the garbage collector how much memory the
// function has, and loads the AWS configuration from the environment. It exits
// with a clear message if it cannot.
func Start() *App {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("function", os.Getenv("AWS_LAMBDA_FUNCTION_NAME")))
	if mb, err := strconv.ParseInt(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), 10, 64); err == nil {
		debug.SetMemoryLimit(mb << 20 * 8 / 10) // the rest is for what the heap does not count
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		exit(fmt.Errorf("AWS configuration: %w", err))
	}
	return &App{AWS: cfg}
}

// Setting returns a setting of the environment and exits where it is missing.
func (*App) Setting(s env.Setting) string {
	v, err := env.Lookup(s)
	if err != nil {
		exit(err)
	}
	return v
}

// Decode decodes the JSON of a setting into v and exits where it cannot.
func (a *App) Decode(s env.Setting, v any) {
	if err := json.Unmarshal([]byte(a.Setting(s)), v); err != nil {
		exit(fmt.Errorf("setting %s: %w", s, err))
	}
}

// Secret decodes the JSON document in the secret that the setting names into
// v and exits where it cannot.
func (a *App) Secret(s env.Setting, v any) {
	name := a.Setting(s)
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	out, err := secretsmanager.NewFromConfig(a.AWS).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil {
		exit(fmt.Errorf("secret of %s: %w", s, err))
	}
	if err := json.Unmarshal([]byte(aws.ToString(out.SecretString)), v); err != nil {
		exit(fmt.Errorf("secret of %s is not the JSON it should be", s)) // the cause could quote the secret
	}
}

func exit(err error) {
	slog.Error("start", "err", err)
	os.Exit(1)
}
