package main

import (
	"cmp"
	"fmt"
	"os"
	"strconv"
)

// settings are what a person may choose.
type settings struct {
	port, boxPort int
	data          string // the state folder
	folder        string // a folder of real files for the first Box user, or ""
}

func readSettings() (settings, error) {
	s := settings{data: cmp.Or(os.Getenv("DATA"), ".coffer"), folder: os.Getenv("IMPORT")}
	for _, p := range []struct {
		name  string
		value *int
		usual string
	}{{"PORT", &s.port, "8080"}, {"BOX_PORT", &s.boxPort, "8090"}} {
		text := cmp.Or(os.Getenv(p.name), p.usual)
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 65535 {
			return settings{}, fmt.Errorf("%s is %q and should be a port such as %s", p.name, text, p.usual)
		}
		*p.value = n
	}
	if s.folder != "" {
		if info, err := os.Stat(s.folder); err != nil || !info.IsDir() {
			return settings{}, fmt.Errorf("IMPORT is %q, which is not a folder", s.folder)
		}
	}
	return s, nil
}
