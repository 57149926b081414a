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
// changed is linked again. `make run` has a folder of its own, from which a
// first run takes what is the same.
const built = "dist/chaos"

// build builds the functions, the infrastructure code, the S3 server and the
// runner.
func build(repository string) error {
	mains, err := filepath.Glob(filepath.Join(repository, "functions/*/main.go"))
	if err != nil || len(mains) == 0 {
		return fmt.Errorf("there are no functions in %s: %w", repository, err)
	}
	functions := []string{"-tags", "lambda.norpc", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", built + "/bin/"}
	for _, main := range mains {
		functions = append(functions, "./functions/"+filepath.Base(filepath.Dir(main)))
	}
	for _, folder := range []string{"bin", "local"} {
		if err := os.MkdirAll(filepath.Join(repository, built, folder), 0o755); err != nil {
			return err
		}
	}
	begin(repository, "dist/synth", built+"/synth")
	begin(repository, "dist/s3", built+"/s3")
	begin(repository, "dist/local/coffer", built+"/local/coffer")
	for _, main := range mains {
		name := filepath.Base(filepath.Dir(main))
		begin(repository, "dist/bin/local/"+name, built+"/bin/"+name)
	}
	for _, args := range [][]string{
		functions, // one go command for all takes a second where one for each takes ten
		{"-o", built + "/synth", "./infra"},
		{"-o", built + "/s3", "./scripts/local/s3/gateway"},
		{"-o", built + "/local/coffer", "./scripts/local"},
	} {
		cmd := exec.Command("go", append([]string{"build"}, args...)...)
		cmd.Dir = repository
		if args[0] == "-tags" { // as for AWS
			cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build of %s: %w\n%s", args[len(args)-1], err, out)
		}
	}
	for _, main := range mains {
		if err := bootstrap(repository, filepath.Base(filepath.Dir(main))); err != nil {
			return err
		}
	}
	return nil
}

// begin lets a build begin with what `make local` has built, where there is
// nothing yet. Go links anew what has changed, into a file of its own.
func begin(repository, from, to string) {
	_ = os.Link(filepath.Join(repository, from), filepath.Join(repository, to)) // or else it is linked
}

// bootstrap puts a function's binary where the local cloud looks for it.
func bootstrap(repository, function string) error {
	folder := filepath.Join(repository, built, "local", function)
	target := filepath.Join(folder, "bootstrap")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := os.Remove(target); err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.Link(filepath.Join(repository, built, "bin", function), target)
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
