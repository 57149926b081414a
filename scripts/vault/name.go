package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxName  = 240 // bytes of a name; most file systems take 255, and a collision needs some
	maxTries = 10_000
)

// reserved are the names that Windows has for devices: with any extension, and
// with blanks before it.
var reserved = regexp.MustCompile(`(?i)^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)`)

// fileName returns a name that a file system takes and that names nothing but
// an entry of its folder. Different names may give the same one.
func fileName(name string, windows bool) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r == '/' || r == '\\' || unicode.IsControl(r) || r == utf8.RuneError:
			return '_'
		case windows && strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		}
		return r
	}, name)
	if windows {
		if trimmed := strings.TrimRight(name, ". "); trimmed != name {
			name = trimmed + "_"
		}
		if reserved.MatchString(name) {
			name = "_" + name
		}
	}
	if name == "" || name == "." || name == ".." {
		name = "_" + name
	}
	return shorten(name, "")
}

// shorten puts a suffix before the extension, and cuts what is before both so
// that all fits. It does not cut at a dot or blank: Windows takes none at the end.
func shorten(name, suffix string) string {
	ext := filepath.Ext(name)
	if len(ext) > 20 || ext == name || ext == "." {
		ext = ""
	}
	stem := strings.TrimSuffix(name, ext)
	if most := maxName - len(suffix) - len(ext); len(stem) > most {
		stem = stem[:most]
		for !utf8.ValidString(stem) {
			stem = stem[:len(stem)-1]
		}
		if cut := strings.TrimRight(stem, ". "); cut != "" {
			stem = cut
		}
	}
	return stem + suffix + ext
}

// other is the n-th name to try where a name is taken.
func other(name string, n int) string {
	if n == 1 {
		return name
	}
	return shorten(name, fmt.Sprintf(" (%d)", n))
}
