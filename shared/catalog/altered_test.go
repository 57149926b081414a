package catalog_test

import (
	"testing"
	"time"

	"coffer/shared/catalog"
)

func TestAlteredFilesHaveAnotherContentOrExtension(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c, _ := create(t)
	run(t, c, "s1", func(d *catalog.Draft) {
		must(t, d.Put(ctx, file("1", "0", "a.txt"), file("2", "0", "b.txt"), file("3", "0", "c.txt"), file("4", "0", "d.txt"), dir("5", "0", "e.txt")))
	})
	d, err := c.Draft(ctx, "s2", time.Now())
	must(t, err)
	defer d.Close()
	content := file("2", "0", "b.txt")
	content.Content.SHA1[0]++
	must(t, d.Put(ctx, file("1", "0", "other name.TXT"), content, file("3", "0", "c.txt.locked"), file("6", "0", "new"), dir("5", "0", "e")))
	if n, err := d.Altered(ctx); n != 2 || err != nil {
		t.Errorf("Altered = %d, %v, want the other content and the other extension", n, err)
	}
}
