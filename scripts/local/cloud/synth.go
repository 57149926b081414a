package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"coffer/scripts/local/child"
)

// synthesize runs the infrastructure code for this machine and leaves its
// cloud assembly in dir.
func synthesize(ctx context.Context, opt Options, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	assets, err := filepath.Abs(filepath.Join(opt.Build, "local"))
	if err != nil {
		return err
	}
	settings, err := json.Marshal(map[string]any{
		"coffer:assets":  assets,
		"coffer:box":     map[string]string{"api": opt.Box, "upload": opt.Box, "account": opt.Box},
		"coffer:portals": map[string]string{opt.Region: opt.Portal},
		"coffer:regions": []string{opt.Region},
		"coffer:home":    opt.Region,
		// The path of constructs names the functions.
		"aws:cdk:enable-path-metadata": true,
	})
	if err != nil {
		return err
	}
	temp := dir + ".tmp" // jsii unpacks itself there
	if err := errors.Join(os.RemoveAll(temp), os.MkdirAll(temp, 0o700)); err != nil {
		return err
	}
	defer os.RemoveAll(temp) // or the next time
	var out bytes.Buffer     // of standard error alone: two streams would need a lock
	cmd := exec.Command(filepath.Join(opt.Build, "synth"))
	cmd.Env = append(os.Environ(), "TMPDIR="+temp, "CDK_OUTDIR="+dir, "CDK_CONTEXT_JSON="+string(settings))
	cmd.Stderr = &out
	p, err := child.Start(cmd)
	if err != nil {
		return fmt.Errorf("the infrastructure code is not built (`make run` does it): %w", err)
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
		return ctx.Err()
	}
	if err := p.Wait(); err != nil {
		return fmt.Errorf("the infrastructure code does not synthesize (%w):\n%s", err, strings.TrimSpace(out.String()))
	}
	return nil
}
