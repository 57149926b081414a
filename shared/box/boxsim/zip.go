package boxsim

import (
	"archive/zip"
	"compress/flate"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"coffer/shared/backup"
)

const (
	zipLife  = time.Minute
	zipFiles = 10_000
)

// archive is a ZIP file that is made while it is downloaded. Its entries are
// whatever its items hold at that moment.
type archive struct {
	User, Name                   string
	Items                        []zipItem
	Expires                      time.Time
	State                        string
	Total, Sent                  int
	SkippedFiles, SkippedFolders int
}

type zipItem struct {
	Ref  backup.ItemRef
	Name string // in the archive
}

// zipEntry is a file, or a folder when it has no SHA-1.
type zipEntry struct {
	Name, SHA1 string
	Modified   time.Time
}

func (s *Sim) zipRoutes() {
	s.handle("POST /2.0/zip_downloads", http.StatusAccepted, createZip)
	s.handle("GET /2.0/zip_downloads/{id}/status", http.StatusOK, zipStatus)
	s.public("GET /zip/{id}/content", func(w http.ResponseWriter, c *call) error { return c.sendZip(w) })
	s.public("GET /2.0/zip_downloads/{id}/content", func(w http.ResponseWriter, c *call) error { return c.sendZip(w) })
}

func createZip(c *call) (any, error) {
	var in struct {
		Items []reference `json:"items"`
		Name  string      `json:"download_file_name"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if len(in.Items) == 0 {
		return nil, invalid("items", "Invalid value '[]'.")
	}
	if in.Name == "" {
		in.Name = "Box Download"
	}
	z := &archive{User: c.user.ID, Name: in.Name, Expires: c.now().Add(zipLife), State: "in_progress"}
	byName := map[string][]int{}
	for _, ref := range in.Items {
		it, err := c.find(ref.item().Kind, ref.ID, canDownload)
		if err != nil {
			if ref.Type == string(backup.Folder) {
				z.SkippedFolders++
			} else {
				z.SkippedFiles++
			}
			continue
		}
		byName[fold(it.Name)] = append(byName[fold(it.Name)], len(z.Items))
		z.Items = append(z.Items, zipItem{it.ItemRef, it.Name})
	}
	conflicts := z.disambiguate(byName, c.opaque)
	if total := c.countFiles(z); total > zipFiles {
		return nil, refuse(http.StatusBadRequest, "bad_request", "The archive would hold %d files, more than %d", total, zipFiles)
	}
	id := c.opaque(40)
	c.zips[id] = z
	return object{
		"download_url": c.origin() + "/zip/" + id + "/content",
		"status_url":   c.origin() + "/2.0/zip_downloads/" + id + "/status",
		"expires_at":   stamp(z.Expires), "name_conflicts": conflicts,
	}, nil
}

// disambiguate renames all of those that share a name, and tells the new names.
func (z *archive) disambiguate(byName map[string][]int, opaque func(int) string) [][]object {
	conflicts := [][]object{}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		if len(byName[name]) < 2 {
			continue
		}
		var clash []object
		for _, i := range byName[name] {
			e := &z.Items[i]
			name := opaque(6) + path.Ext(e.Name)
			clash = append(clash, object{"id": e.Ref.ID, "type": string(e.Ref.Kind), "original_name": e.Name, "download_name": name})
			e.Name = name
		}
		conflicts = append(conflicts, clash)
	}
	return conflicts
}

func (s *Sim) countFiles(z *archive) int {
	z.Total = 0
	for _, e := range z.Items {
		s.below(s.Items[e.Ref], func(it *item) {
			if it.Kind == backup.File {
				z.Total++
			}
		})
	}
	return z.Total
}

func zipStatus(c *call) (any, error) {
	z := c.zips[c.r.PathValue("id")]
	if z == nil || z.User != c.user.ID {
		return nil, notFound()
	}
	return object{
		"total_file_count": z.Total, "downloaded_file_count": z.Sent,
		"skipped_file_count": z.SkippedFiles, "skipped_folder_count": z.SkippedFolders, "state": z.State,
	}, nil
}

// entries lists what the archive holds now.
func (s *Sim) entries(z *archive) []zipEntry {
	var list []zipEntry
	owner := s.Users[z.User]
	var add func(it *item, name string)
	add = func(it *item, name string) {
		switch {
		case it.Kind == backup.Folder:
			list = append(list, zipEntry{Name: name + "/", Modified: it.Modified})
			for _, child := range s.shelf(it.ID, it.Owner).children() {
				add(child, name+"/"+child.Name)
			}
		case it.Kind == backup.WebLink:
		case it.Blocked:
			z.SkippedFiles++
		default:
			list = append(list, zipEntry{Name: name, SHA1: it.current().SHA1, Modified: it.ContentModified})
		}
	}
	for _, e := range z.Items {
		it := s.Items[e.Ref]
		if it == nil || s.gone(it) || owner == nil || s.rightsOn(owner, it)&canDownload == 0 {
			z.SkippedFiles++
			continue
		}
		add(it, e.Name)
	}
	return list
}

// sendZip streams the archive: sizes and checksums follow each entry, and
// nothing tells the length of the whole.
func (c *call) sendZip(w http.ResponseWriter) error {
	c.mu.Lock()
	z := c.zips[c.r.PathValue("id")]
	var entries []zipEntry
	if z != nil && !c.now().After(z.Expires) {
		entries = c.entries(z)
	} else {
		z = nil
	}
	c.mu.Unlock()
	if z == nil {
		return &failure{Status: http.StatusNotFound}
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment;filename=%q", z.Name+".zip"))
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush() // so that not even a small archive gets a length
	out := zip.NewWriter(w)
	var deflate *flate.Writer // one for all entries: it takes half a megabyte
	out.RegisterCompressor(zip.Deflate, func(w io.Writer) (_ io.WriteCloser, err error) {
		if deflate != nil {
			deflate.Reset(w)
			return deflate, nil
		}
		deflate, err = flate.NewWriter(w, flate.BestSpeed)
		return deflate, err
	})
	err := c.writeEntries(out, entries, z)
	if err == nil {
		err = out.Close()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		z.State = "failed"
		panic(http.ErrAbortHandler) // part of the archive is out: nothing else tells the client
	}
	z.State = "succeeded"
	return nil
}

func (c *call) writeEntries(out *zip.Writer, entries []zipEntry, z *archive) error {
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.Name, Modified: e.Modified, Method: zip.Store}
		if compressible(e.Name) {
			header.Method = zip.Deflate
		}
		to, err := out.CreateHeader(header)
		if err != nil {
			return err
		}
		if e.SHA1 == "" {
			continue
		}
		if err := c.copyContent(to, e.SHA1); err != nil {
			return err
		}
		c.mu.Lock()
		z.Sent++
		c.mu.Unlock()
	}
	return nil
}

func (c *call) copyContent(to io.Writer, sum string) error {
	from, err := c.contents.open(sum)
	if err != nil {
		return err
	}
	defer from.Close()
	_, err = io.Copy(to, from)
	return err
}

func compressible(name string) bool {
	return slices.Contains([]string{".txt", ".md", ".csv", ".json", ".html", ".xml", ".go", ".boxnote"}, strings.ToLower(path.Ext(name)))
}
