package company

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
)

// page is a PDF of one page of text (ISO 32000-1, the plainest form of it).
func page(title string, lines []string) []byte {
	var text strings.Builder
	text.WriteString("BT /F1 16 Tf 56 780 Td (" + pdfText(title) + ") Tj /F1 11 Tf\n")
	for _, line := range lines {
		text.WriteString("0 -18 Td (" + pdfText(line) + ") Tj\n")
	}
	text.WriteString("ET")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", text.Len(), text.String()),
	}
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n")
	offsets := make([]int, len(objects))
	for i, object := range objects {
		offsets[i] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return out.Bytes()
}

// pdfText keeps what the built-in font has.
func pdfText(s string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	return strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(plain)
}

// picture paints a few soft shapes.
func picture(rng *rand.Rand, width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	from, to := shade(rng), shade(rng)
	cx, cy, radius := rng.IntN(width), rng.IntN(height), width/4+rng.IntN(width/4)
	for y := range height {
		for x := range width {
			mix := float64(x+y) / float64(width+height)
			if dx, dy := x-cx, y-cy; dx*dx+dy*dy < radius*radius {
				mix = 1 - mix
			}
			img.Set(x, y, color.RGBA{R: blend(from.R, to.R, mix), G: blend(from.G, to.G, mix), B: blend(from.B, to.B, mix), A: 255})
		}
	}
	return img
}

func shade(rng *rand.Rand) color.RGBA {
	level := func() uint8 { return uint8(40 + rng.IntN(200)) } // #nosec G115 -- below 240
	return color.RGBA{R: level(), G: level(), B: level(), A: 255}
}

func blend(a, b uint8, mix float64) uint8 { return uint8(float64(a)*(1-mix) + float64(b)*mix) }

func pngImage(img image.Image) []byte {
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		panic(err) // a buffer takes everything
	}
	return out.Bytes()
}

func jpegImage(img image.Image) []byte {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 85}); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// boxNote is a Box Note: a ProseMirror document as JSON.
func boxNote(title string, paragraphs []string) []byte {
	type node map[string]any
	content := []node{{"type": "heading", "attrs": node{"level": 1}, "content": []node{{"type": "text", "text": title}}}}
	for _, p := range paragraphs {
		content = append(content, node{"type": "paragraph", "content": []node{{"type": "text", "text": p}}})
	}
	out, err := json.Marshal(node{"version": 1, "schema_version": 1, "doc": node{"type": "doc", "content": content}})
	if err != nil {
		panic(err)
	}
	return out
}

// table is comma-separated values (RFC 4180).
func table(rows [][]any) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = fmt.Sprint(cell)
		}
		if err := w.Write(cells); err != nil {
			panic(err)
		}
	}
	w.Flush()
	return out.Bytes()
}
