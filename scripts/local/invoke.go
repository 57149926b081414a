package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"coffer/scripts/local/cloud"
)

// invoke sends an event to a function of the running Coffer and prints the
// answer.
func invoke(ctx context.Context, s settings, function, event string) error {
	payload, err := os.ReadFile(filepath.Join("events", filepath.Base(function), filepath.Base(event)+".json"))
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no event events/%s/%s.json; there are: %s", function, event, known())
	}
	if err != nil {
		return err
	}
	address, err := cloud.Address(s.data)
	if err != nil {
		return err
	}
	target := address + cloud.LambdaPath + "/2015-03-31/functions/" + url.PathEscape(function) + "/invocations"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(payload))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("no Coffer answers at %s: start it with `make run`", address)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, bytes.TrimSpace(answer), "", "  ") == nil {
		answer = pretty.Bytes()
	}
	fmt.Println(string(answer))
	if resp.StatusCode != http.StatusOK || resp.Header.Get("X-Amz-Function-Error") != "" {
		return fmt.Errorf("the function %s failed", function)
	}
	return nil
}

// known lists the events that there are.
func known() string {
	files, _ := filepath.Glob("events/*/*.json") // the pattern is right
	for i, f := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(f, "events/"), ".json")
	}
	return strings.Join(files, ", ")
}
