package boxsim_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// form is the body and content type of a direct upload.
func form(t *testing.T, attributes, content string) (io.Reader, string) {
	t.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	ok(t, w.WriteField("attributes", attributes))
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="contents"; filename="x"`}})
	ok(t, err)
	_, err = io.WriteString(part, content)
	ok(t, err)
	ok(t, w.Close())
	return &buf, w.FormDataContentType()
}

func hexSHA1(s string) string {
	sum := sha1.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

func TestUploadChecksContentMD5AsASHA1(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	attributes := `{"name":"a.txt","parent":{"id":"0"},"content_modified_at":"2021-01-02T03:04:05.678Z"}`
	body, kind := form(t, attributes, "hello")
	bad := b.send(b.bob, "POST", "/api/2.0/files/content", body, "Content-Type", kind, "content-md5", hexSHA1("other")).want(t, http.StatusBadRequest)
	if bad.str("code") != "bad_digest" || len(b.Tree(b.bob)) != 0 {
		t.Errorf("got %s, and %v is there", bad.text, b.Tree(b.bob))
	}
	body, kind = form(t, attributes, "hello")
	a := b.send(b.bob, "POST", "/api/2.0/files/content", body, "Content-Type", kind, "content-md5", hexSHA1("hello")).want(t, http.StatusCreated)
	if a.str("entries.0.sha1") != hexSHA1("hello") || a.at("entries.0.size") != 5.0 || a.str("entries.0.content_modified_at") != "2021-01-01T19:04:05-08:00" {
		t.Errorf("got %s", a.text)
	}
	body, kind = form(t, attributes, "again")
	again := b.send(b.bob, "POST", "/api/2.0/files/content", body, "Content-Type", kind).want(t, http.StatusConflict)
	if again.str("context_info.conflicts.id") != a.str("entries.0.id") {
		t.Errorf("got %s", again.text)
	}
}

func TestVersionsArePastOnesNewestFirst(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	id := must(b.Upload(b.bob, "0", "a.txt", []byte("one")))(t)
	body, kind := form(t, `{}`, "two")
	b.send(b.bob, "POST", "/api/2.0/files/"+id+"/content", body, "Content-Type", kind, "If-Match", "9").want(t, http.StatusPreconditionFailed)
	body, kind = form(t, `{}`, "two")
	current := b.send(b.bob, "POST", "/api/2.0/files/"+id+"/content", body, "Content-Type", kind, "If-Match", "0").want(t, http.StatusOK)
	ok(t, b.NewVersion(b.bob, id, []byte("three")))
	past := b.send(b.bob, "GET", "/2.0/files/"+id+"/versions", nil).want(t, http.StatusOK)
	if got := past.entries("sha1"); len(got) != 2 || got[0] != hexSHA1("two") || got[1] != hexSHA1("one") {
		t.Errorf("got %v", got)
	}
	if past.str("entries.0.id") != current.str("entries.0.file_version.id") {
		t.Errorf("version ids differ: %s", past.text)
	}
	b.send(b.bob, "POST", "/2.0/files/"+id+"/versions/current", map[string]string{"type": "file_version", "id": past.str("entries.1.id")}).want(t, http.StatusCreated)
	if got := b.send(b.bob, "GET", "/2.0/files/"+id, nil).str("sha1"); got != hexSHA1("one") {
		t.Errorf("the promoted version is %s", got)
	}
	if got := b.send(b.bob, "GET", "/2.0/files/"+id+"/content?version="+past.str("entries.0.id"), nil).want(t, http.StatusFound); string(b.follow(got).text) != "two" {
		t.Errorf("the pinned version differs")
	}
}

// follow fetches a redirect without authorisation.
func (b *bed) follow(a answer, header ...string) answer {
	b.t.Helper()
	return b.send("", "GET", a.header.Get("Location"), nil, header...)
}

func TestContentIsAtAnAddressThatExpires(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	id := must(b.Upload(b.bob, "0", "a.txt", []byte("0123456789")))(t)
	link := b.send(b.bob, "GET", "/2.0/files/"+id+"/content", nil).want(t, http.StatusFound)
	if got := string(b.follow(link).want(t, http.StatusOK).text); got != "0123456789" {
		t.Errorf("got %q", got)
	}
	part := b.follow(link, "Range", "bytes=3-5").want(t, http.StatusPartialContent)
	if string(part.text) != "345" || part.header.Get("Content-Range") != "bytes 3-5/10" {
		t.Errorf("got %q, %q", part.text, part.header.Get("Content-Range"))
	}
	b.follow(link, "Range", "bytes=10-").want(t, http.StatusRequestedRangeNotSatisfiable)
	b.Advance(16 * time.Minute)
	b.follow(link).want(t, http.StatusNotFound)
}

func TestEmptyFilesAreFiles(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	id := must(b.Upload(b.bob, "0", "empty", nil))(t)
	a := b.send(b.bob, "GET", "/2.0/files/"+id, nil).want(t, http.StatusOK)
	if a.str("sha1") != "da39a3ee5e6b4b0d3255bfef95601890afd80709" || a.at("size") != 0.0 {
		t.Errorf("got %s", a.text)
	}
	if got := b.follow(b.send(b.bob, "GET", "/2.0/files/"+id+"/content", nil)).want(t, http.StatusOK); len(got.text) != 0 {
		t.Errorf("got %q", got.text)
	}
}

func TestGeneratedContentMatchesItsSHA1AtAnyOffset(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	const size = 5_000_001
	id := must(b.UploadGenerated(b.bob, "0", "big.bin", size, 3))(t)
	link := b.send(b.bob, "GET", "/2.0/files/"+id+"/content", nil)
	whole := b.follow(link).want(t, http.StatusOK).text
	if len(whole) != size || hexSHA1(string(whole)) != b.send(b.bob, "GET", "/2.0/files/"+id, nil).str("sha1") {
		t.Errorf("got %d bytes with SHA-1 %s", len(whole), hexSHA1(string(whole)))
	}
	if part := b.follow(link, "Range", "bytes=3000000-3099999").want(t, http.StatusPartialContent).text; !bytes.Equal(part, whole[3_000_000:3_100_000]) {
		t.Error("a range differs from the whole")
	}
}

func TestDownloadsOfBlockedFilesAreForbidden(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	id := must(b.Upload(b.bob, "0", "virus.exe", []byte("x")))(t)
	ok(t, b.Block(b.bob, id))
	if got := b.send(b.bob, "GET", "/2.0/files/"+id+"/content", nil).want(t, http.StatusForbidden).str("code"); got != "forbidden_by_policy" {
		t.Errorf("got %s", got)
	}
}

func TestQuotasAreKept(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	b.SetQuota(b.bob, 100, 60)
	must(b.Upload(b.bob, "0", "a", make([]byte, 60)))(t)
	check := func(size int) string {
		return b.send(b.bob, "OPTIONS", "/2.0/files/content/", fmt.Sprintf(`{"name":"b","parent":{"id":"0"},"size":%d}`, size)).str("code")
	}
	if check(40) != "" || check(41) != "storage_limit_exceeded" || check(61) != "file_size_limit_exceeded" {
		t.Errorf("got %q, %q, %q", check(40), check(41), check(61))
	}
}

func digest(s string) string {
	sum := sha1.Sum([]byte(s))
	return "sha=" + base64.StdEncoding.EncodeToString(sum[:])
}

func TestChunkedUploadTakesPartsInAnyOrder(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{PartSize: 10, MinSession: 20})
	content := "0123456789abcdefghijKLMNO"
	open := func(size int) answer {
		return b.send(b.bob, "POST", "/api/2.0/files/upload_sessions", map[string]any{"folder_id": "0", "file_size": size, "file_name": "a.bin"})
	}
	if got := open(19).want(t, http.StatusBadRequest).str("code"); got != "file_size_too_small" {
		t.Errorf("got %s", got)
	}
	session := open(len(content)).want(t, http.StatusCreated)
	put := func(from, to int, text string) answer {
		return b.send(b.bob, "PUT", session.str("session_endpoints.upload_part"), text,
			"Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, len(content)), "Digest", digest(text))
	}
	parts := make([]any, 3)
	for _, i := range []int{2, 0, 1} {
		end := min(i*10+10, len(content))
		parts[i] = put(i*10, end, content[i*10:end]).want(t, http.StatusOK).at("part")
	}
	put(0, 10, content[:10]).want(t, http.StatusConflict)
	put(5, 15, content[5:15]).want(t, http.StatusRequestedRangeNotSatisfiable)
	if got := b.send(b.bob, "GET", session.str("session_endpoints.list_parts"), nil).want(t, http.StatusOK).at("total_count"); got != 3.0 {
		t.Errorf("%v parts are listed", got)
	}
	commit := func(parts any, digest string) answer {
		return b.send(b.bob, "POST", session.str("session_endpoints.commit"), map[string]any{
			"parts": parts, "attributes": map[string]string{"content_modified_at": "2021-01-02T03:04:05Z"},
		}, "Digest", digest)
	}
	if got := commit(parts[:2], digest(content)).want(t, http.StatusBadRequest).str("code"); got != "parts_mismatch" {
		t.Errorf("got %s", got)
	}
	commit(parts, digest("other")).want(t, http.StatusPreconditionFailed)
	done := commit(parts, digest(content)).want(t, http.StatusCreated)
	if done.str("entries.0.sha1") != hexSHA1(content) || !strings.HasPrefix(done.str("entries.0.content_modified_at"), "2021-01-01T19:04:05") {
		t.Errorf("got %s", done.text)
	}
	commit(parts, digest(content)).want(t, http.StatusNotFound)
}

func TestContentsInAFolderSurviveTheSimulator(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := start(t, boxsim.Options{Dir: dir})
	must(b.Upload(b.bob, "0", "a.txt", []byte("kept")))(t)
	var saved bytes.Buffer
	ok(t, b.Save(&saved))
	if bytes.Contains(saved.Bytes(), []byte("kept")) {
		t.Error("the content is in the saved state too")
	}
	again := boxsim.New(boxsim.Options{Dir: dir})
	ok(t, again.Load(&saved))
	if got := contentOf(t, again, again.Tree(b.bob)[0].Content); got != "kept" {
		t.Errorf("got %q", got)
	}
}

func contentOf(t *testing.T, sim *boxsim.Sim, c backup.Content) string {
	t.Helper()
	r, err := sim.OpenContent(c)
	ok(t, err)
	defer r.Close()
	text, err := io.ReadAll(r)
	ok(t, err)
	return string(text)
}
