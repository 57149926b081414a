package backups

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// Crawl is the plain crawl, a program of its own as rclone is: what anybody
// would write first. It lists every folder, asks Box about each file, downloads
// each whose SHA-1 is new into a folder, and waits where Box says so.
func Crawl(ctx context.Context, args []string) error {
	set := flag.NewFlagSet("crawl", flag.ContinueOnError)
	c := crawler{}
	set.StringVar(&c.box, "box", "", "`address` of Box")
	set.StringVar(&c.token, "token", "", "access token")
	set.StringVar(&c.dir, "dir", "", "`folder` for the files")
	at := set.Int("concurrency", 8, "requests at once")
	if err := set.Parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	c.http = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *at}}
	for folders := []string{"0"}; len(folders) > 0; { // level by level
		found := make([][]entry, len(folders))
		group, gctx := errgroup.WithContext(ctx)
		group.SetLimit(*at)
		for i, id := range folders {
			group.Go(func() (err error) {
				found[i], err = c.list(gctx, id)
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
		folders = nil
		group, gctx = errgroup.WithContext(ctx)
		group.SetLimit(*at)
		for _, e := range slices.Concat(found...) {
			switch e.Type {
			case "folder":
				folders = append(folders, e.ID)
			case "file":
				group.Go(func() error { return c.file(gctx, e.ID) })
			}
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return nil
}

type crawler struct {
	box, token, dir string
	http            *http.Client
}

type entry struct{ Type, ID string }

// list returns what is in a folder.
func (c *crawler) list(ctx context.Context, folder string) ([]entry, error) {
	var all []entry
	for marker := ""; ; {
		var page struct {
			Entries []entry
			Next    string `json:"next_marker"`
		}
		path := "/2.0/folders/" + folder + "/items?usemarker=true&limit=1000&marker=" + url.QueryEscape(marker)
		if err := c.json(ctx, path, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Entries...)
		if marker = page.Next; marker == "" {
			return all, nil
		}
	}
}

// file asks about a file and downloads it, unless it is there.
func (c *crawler) file(ctx context.Context, id string) error {
	var about struct{ SHA1 string }
	if err := c.json(ctx, "/2.0/files/"+id, &about); err != nil {
		return err
	}
	path := filepath.Join(c.dir, id+"-"+about.SHA1)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	resp, err := c.get(ctx, "/2.0/files/"+id+"/content")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	f, err := os.Create(path) // #nosec G304 -- in the folder that was named
	if err != nil {
		return err
	}
	if _, err = io.Copy(f, resp.Body); err != nil {
		_ = f.Close() // the other error says more
		return err
	}
	return f.Close()
}

func (c *crawler) json(ctx context.Context, path string, out any) error {
	resp, err := c.get(ctx, path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(out)
}

func (c *crawler) get(ctx context.Context, path string) (*http.Response, error) {
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.box+path, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+c.token)
		resp, err := c.http.Do(req)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode == http.StatusOK {
			return resp, nil
		}
		_ = resp.Body.Close() // what it says is not needed
		if resp.StatusCode != http.StatusTooManyRequests {
			return nil, fmt.Errorf("%s: %s", path, resp.Status)
		}
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // at once, for what is no number
		select {
		case <-time.After(time.Duration(seconds) * time.Second):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
