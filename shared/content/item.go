package content

import (
	"fmt"
	"strings"
	"time"

	"coffer/shared/vault"
)

// rowItem is a row. Only the single part of a small content has an offset:
// each part of a large one is a pack by itself.
type rowItem struct {
	PK      string `dynamo:"PK,hash"`
	SK      string `dynamo:"SK,range"`
	Format  int
	CRC32   uint32
	Key     []byte
	Packs   []string
	Offset  int64
	Lengths []int64

	Condemned time.Time `dynamo:",omitempty"` // of a row: when nothing was found to need the content
}

// progressItem is a progress record.
type progressItem struct {
	rowItem
	SHA1    []byte    `dynamo:",omitempty"`
	Version int64     `dynamo:",omitempty"`
	Updated time.Time `dynamo:",omitempty"`
}

func itemOf(id vault.ID, r vault.Row) (rowItem, error) {
	item := rowItem{PK: partitionOf(id, r.Content), SK: rowKey(r.Content), Format: r.Format, CRC32: r.CRC32, Key: r.Key}
	for i, p := range r.Parts {
		if p.Offset != 0 && len(r.Parts) > 1 {
			return rowItem{}, fmt.Errorf("part %d of content %s is not at the beginning of its pack", i, r.Content)
		}
		item.Packs = append(item.Packs, p.Pack)
		item.Lengths = append(item.Lengths, p.Length)
		item.Offset = p.Offset
	}
	return item, nil
}

func (i rowItem) row() (vault.Row, error) {
	c, err := parseRowKey(strings.TrimPrefix(i.SK, "#"))
	if err != nil {
		return vault.Row{}, err
	}
	if len(i.Packs) != len(i.Lengths) {
		return vault.Row{}, fmt.Errorf("row of content %s has %d packs and %d lengths", c, len(i.Packs), len(i.Lengths))
	}
	r := vault.Row{Content: c, Format: i.Format, CRC32: i.CRC32, Key: i.Key, Condemned: i.Condemned}
	for n, pack := range i.Packs {
		r.Parts = append(r.Parts, vault.Part{Pack: pack, Offset: i.Offset, Length: i.Lengths[n]})
	}
	return r, nil
}

func progressOf(id vault.ID, p vault.Progress) (progressItem, error) {
	item, err := itemOf(id, p.Row)
	item.SK = progressKey(p.Content)
	return progressItem{rowItem: item, SHA1: p.SHA1, Version: p.Version, Updated: p.Updated}, err
}

func (i progressItem) progress() (vault.Progress, error) {
	r, err := i.row()
	return vault.Progress{Row: r, SHA1: i.SHA1, Version: i.Version, Updated: i.Updated}, err
}
