package mailer

import (
	"embed"
	"fmt"
	html "html/template"
	"io/fs"
	"path"
	"strings"
	text "text/template"
	"unicode"
)

//go:embed templates
var files embed.FS

// letter is a written message.
type letter struct{ subject, text, html string }

// letters are the templates by name, and the page around every HTML part.
type letters struct {
	named map[string]*text.Template
	page  *html.Template
}

func parse() (letters, error) {
	l := letters{named: map[string]*text.Template{}}
	page, err := html.ParseFS(files, "templates/page.html")
	if err != nil {
		return letters{}, fmt.Errorf("mail page: %w", err)
	}
	l.page = page
	names, err := fs.Glob(files, "templates/*.txt")
	if err != nil {
		return letters{}, fmt.Errorf("mail templates: %w", err)
	}
	for _, name := range names {
		t, err := text.New(path.Base(name)).Option("missingkey=zero").ParseFS(files, name)
		if err != nil {
			return letters{}, fmt.Errorf("mail template %s: %w", name, err)
		}
		l.named[strings.TrimSuffix(path.Base(name), ".txt")] = t
	}
	return l, nil
}

// write fills the named template. No value of data can begin a new line, and
// so none can become a header or a paragraph.
func (l letters) write(name, portal string, data map[string]string) (letter, error) {
	t, ok := l.named[name]
	if !ok {
		return letter{}, fmt.Errorf("there is no template %q", name)
	}
	values := map[string]string{"portal": portal}
	for k, v := range data {
		values[k] = oneLine(v)
	}
	block := map[string]string{}
	for _, part := range []string{"subject", "body", "button", "link"} {
		if t.Lookup(part) == nil {
			continue
		}
		var b strings.Builder
		if err := t.ExecuteTemplate(&b, part, values); err != nil {
			return letter{}, fmt.Errorf("template %s: %w", name, err)
		}
		block[part] = strings.TrimSpace(b.String())
	}
	out := letter{subject: oneLine(block["subject"])}
	paragraphs := strings.Split(block["body"], "\n\n")
	for i, p := range paragraphs {
		paragraphs[i] = strings.Join(strings.Fields(p), " ")
	}
	out.text = strings.Join(paragraphs, "\n\n") + "\n"
	if block["link"] != "" {
		out.text += "\n" + block["button"] + ":\n" + block["link"] + "\n"
	}
	out.text += "\n-- \nCoffer\n" + portal + "\n"
	var b strings.Builder
	err := l.page.Execute(&b, map[string]any{
		"Subject": out.subject, "Paragraphs": paragraphs, "Button": block["button"], "Link": block["link"], "Portal": portal,
	})
	out.html = b.String()
	if err != nil {
		return letter{}, fmt.Errorf("template %s: %w", name, err)
	}
	return out, nil
}

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}
