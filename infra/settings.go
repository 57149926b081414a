package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// settings are what cdk.json's context says, where the cdk command's own
// context (-c name=value) does not say otherwise.
type settings struct {
	Regions   []string          `json:"coffer:regions"`   // one Region stack for each
	Locations map[string]string `json:"coffer:locations"` // region to what people call it
	Home      string            `json:"coffer:home"`      // the region of the Directory stack
	Assets    string            `json:"coffer:assets"`    // holds <function>/bootstrap
	Box       struct {
		API     string `json:"api"`
		Upload  string `json:"upload"`
		Account string `json:"account"`
	} `json:"coffer:box"` // base URLs, without a path
	Portals  map[string]string `json:"coffer:portals"`  // region to its portal's origin; by default the API's own address
	Mail     string            `json:"coffer:mail"`     // the sender of all e-mails
	Operator string            `json:"coffer:operator"` // alarms are mailed here, if anywhere

	context map[string]any // everything, for the CDK
}

// readSettings reads the context of a cdk.json file, and then that of the cdk
// command, which may be empty.
func readSettings(file, command string) (*settings, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	var config struct {
		Context map[string]any `json:"context"`
	}
	if err := json.Unmarshal(data, &config); err != nil {
		return nil, fmt.Errorf("settings in %s: %w", file, err)
	}
	if command != "" {
		var more map[string]any
		if err := json.Unmarshal([]byte(command), &more); err != nil {
			return nil, fmt.Errorf("settings in CDK_CONTEXT_JSON: %w", err)
		}
		maps.Copy(config.Context, more)
	}
	s := &settings{context: config.Context}
	all, err := json.Marshal(config.Context)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	if err := json.Unmarshal(all, s); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	return s, s.check()
}

func (s *settings) check() error {
	for name, value := range map[string]string{
		"coffer:assets": s.Assets, "coffer:mail": s.Mail,
		"coffer:box api": s.Box.API, "coffer:box upload": s.Box.Upload, "coffer:box account": s.Box.Account,
	} {
		if value == "" {
			return fmt.Errorf("setting %s is empty", name)
		}
	}
	if !slices.Contains(s.Regions, s.Home) {
		return fmt.Errorf("setting coffer:home is %q, which is not among coffer:regions", s.Home)
	}
	for _, f := range functionNames {
		if _, err := os.Stat(filepath.Join(s.Assets, f, "bootstrap")); err != nil {
			return fmt.Errorf("function %s is not built (make functions): %w", f, err)
		}
	}
	return nil
}
