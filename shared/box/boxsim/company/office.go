package company

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// part is a file inside a container.
type part struct{ name, body string }

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// container zips parts, in their order and without times, so that equal parts
// give equal bytes.
func container(parts ...part) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		w, err := z.Create(p.name)
		if err == nil {
			_, err = w.Write([]byte(p.body))
		}
		if err != nil {
			panic(err) // a buffer takes everything
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func escape(s string) string {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic(err)
	}
	return b.String()
}

// contentTypes and rootRelations are what each Office document begins with.
func contentTypes(overrides ...part) part {
	var b strings.Builder
	b.WriteString(xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>`)
	for _, o := range overrides {
		fmt.Fprintf(&b, `<Override PartName="/%s" ContentType="application/vnd.openxmlformats-officedocument.%s+xml"/>`, o.name, o.body)
	}
	b.WriteString(`</Types>`)
	return part{"[Content_Types].xml", b.String()}
}

func relations(name string, targets ...part) part {
	var b strings.Builder
	b.WriteString(xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for i, t := range targets {
		fmt.Fprintf(&b, `<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="%s"/>`, i+1, t.body, t.name)
	}
	b.WriteString(`</Relationships>`)
	return part{name, b.String()}
}

// document is a word processor's document (Office Open XML, ECMA-376).
func document(title string, paragraphs []string) []byte {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`)
	fmt.Fprintf(&b, `<w:p><w:r><w:rPr><w:b/><w:sz w:val="32"/></w:rPr><w:t>%s</w:t></w:r></w:p>`, escape(title))
	for _, p := range paragraphs {
		fmt.Fprintf(&b, `<w:p><w:r><w:t xml:space="preserve">%s</w:t></w:r></w:p>`, escape(p))
	}
	b.WriteString(`</w:body></w:document>`)
	return container(
		contentTypes(part{"word/document.xml", "wordprocessingml.document.main"}),
		relations("_rels/.rels", part{"word/document.xml", "officeDocument"}),
		part{"word/document.xml", b.String()},
	)
}

// sheet is a spreadsheet with one table; rows hold text or numbers.
func sheet(title string, rows [][]any) []byte {
	var b strings.Builder
	b.WriteString(xmlHead + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	for i, row := range rows {
		fmt.Fprintf(&b, `<row r="%d">`, i+1)
		for _, cell := range row {
			if s, ok := cell.(string); ok {
				fmt.Fprintf(&b, `<c t="inlineStr"><is><t>%s</t></is></c>`, escape(s))
			} else {
				fmt.Fprintf(&b, `<c><v>%v</v></c>`, cell)
			}
		}
		b.WriteString(`</row>`)
	}
	b.WriteString(`</sheetData></worksheet>`)
	workbook := fmt.Sprintf(xmlHead+`<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" `+
		`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">`+
		`<sheets><sheet name="%s" sheetId="1" r:id="rId1"/></sheets></workbook>`, escape(title))
	return container(
		contentTypes(part{"xl/workbook.xml", "spreadsheetml.sheet.main"}, part{"xl/worksheets/sheet1.xml", "spreadsheetml.worksheet"}),
		relations("_rels/.rels", part{"xl/workbook.xml", "officeDocument"}),
		part{"xl/workbook.xml", workbook},
		relations("xl/_rels/workbook.xml.rels", part{"worksheets/sheet1.xml", "worksheet"}),
		part{"xl/worksheets/sheet1.xml", b.String()},
	)
}

// slides is a presentation; each slide is one text.
func slides(texts []string) []byte {
	const spaces = `xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" ` +
		`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" ` +
		`xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"`
	overrides := []part{{"ppt/presentation.xml", "presentationml.presentation.main"}}
	var targets, parts []part
	var list strings.Builder
	for i, text := range texts {
		name := fmt.Sprintf("slides/slide%d.xml", i+1)
		overrides = append(overrides, part{"ppt/" + name, "presentationml.slide"})
		targets = append(targets, part{name, "slide"})
		fmt.Fprintf(&list, `<p:sldId id="%d" r:id="rId%d"/>`, 256+i, i+1)
		parts = append(parts, part{"ppt/" + name, fmt.Sprintf(xmlHead+`<p:sld %s><p:cSld><p:spTree>`+
			`<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>`+
			`<p:sp><p:nvSpPr><p:cNvPr id="2" name="Title"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/>`+
			`<p:txBody><a:bodyPr/><a:p><a:r><a:t>%s</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>`, spaces, escape(text))})
	}
	presentation := fmt.Sprintf(xmlHead+`<p:presentation %s><p:sldIdLst>%s</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>`, spaces, list.String())
	return container(append([]part{
		contentTypes(overrides...),
		relations("_rels/.rels", part{"ppt/presentation.xml", "officeDocument"}),
		{"ppt/presentation.xml", presentation},
		relations("ppt/_rels/presentation.xml.rels", targets...),
	}, parts...)...)
}
