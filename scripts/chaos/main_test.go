package chaos_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"coffer/scripts/local/scratch"
)

// TestMain builds what runs, as `make local` does, and makes a folder of its
// own the working directory, from which cloud and runner find all they need.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		repository, err := filepath.Abs("../..")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		if err := build(repository); err != nil {
			fmt.Fprintln(os.Stderr, "chaos:", err)
			return 1
		}
		dir, err := workplace(repository)
		defer os.RemoveAll(dir)
		if err != nil {
			fmt.Fprintln(os.Stderr, "chaos:", err)
			return 1
		}
		defer shared.close()
		return m.Run()
	}())
}

// built is where binaries stay between test runs, so that only what has
// changed is linked again. `make run` has a folder of its own.
const built = "dist/chaos"

// build builds the functions, the infrastructure code, the S3 server and the
// runner.
func build(repository string) error {
	functions, err := filepath.Glob(filepath.Join(repository, "functions/*/main.go"))
	if err != nil || len(functions) == 0 {
		return fmt.Errorf("there are no functions in %s: %w", repository, err)
	}
	commands := [][]string{
		{"-o", built + "/synth", "./infra"},
		{"-o", built + "/s3", "./scripts/local/s3/gateway"},
		{"-o", built + "/local/coffer", "./scripts/local"},
	}
	for _, main := range functions {
		name := filepath.Base(filepath.Dir(main))
		commands = append(commands, []string{
			"-tags", "lambda.norpc", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w",
			"-o", built + "/local/" + name + "/bootstrap", "./functions/" + name,
		})
	}
	for _, args := range commands {
		cmd := exec.Command("go", append([]string{"build"}, args...)...)
		cmd.Dir = repository
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build of %s: %w\n%s", args[len(args)-1], err, out)
		}
	}
	return nil
}

// workplace makes a folder that looks like the repository to a runner, goes
// there, and removes those that killed tests have left.
func workplace(repository string) (string, error) {
	dir, err := scratch.New("coffer-chaos")
	if err != nil {
		return "", err
	}
	for name, target := range map[string]string{"dist": built, "cdk.json": "cdk.json", "scripts": "scripts"} {
		if err := os.Symlink(filepath.Join(repository, target), filepath.Join(dir, name)); err != nil {
			return dir, err
		}
	}
	return dir, os.Chdir(dir)
}
