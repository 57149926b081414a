package main

import (
	"encoding/json"
	"time"

	"coffer/shared/backup"
	"coffer/shared/vault"
)

// fileFormat is the version of the recovery file.
const fileFormat = 1

// The kinds of lines, in their order. Snapshots follow their Box user.
const (
	vaultLine    = "vault"
	userLine     = "user"
	snapshotLine = "snapshot"
	contentLine  = "content"
	endLine      = "end"
)

// vaultRecord is the first line.
type vaultRecord struct {
	Kind       string           `json:"kind"`
	Format     int              `json:"format"`
	Account    backup.AccountID `json:"account"`
	Task       backup.TaskID    `json:"task"`
	Name       string           `json:"name"`
	Enterprise string           `json:"enterprise"` // its name at Box
	Bucket     string           `json:"bucket"`
	Written    time.Time        `json:"written"`
	Key        keyRecord        `json:"key"`
}

// keyRecord has the vault key.
type keyRecord struct {
	How    string `json:"how"` // plain, passphrase or kms
	Key    []byte `json:"key"`
	KMSKey string `json:"kmsKey,omitempty"`
	Salt   []byte `json:"salt,omitempty"`
	Time   uint32 `json:"time,omitempty"`
	Memory uint32 `json:"memory,omitempty"`
	Lanes  uint8  `json:"lanes,omitempty"`
}

// userRecord is a Box user.
type userRecord struct {
	Kind     string            `json:"kind"`
	ID       backup.BoxUserID  `json:"id"`
	Name     string            `json:"name"`
	Login    string            `json:"login"`
	Status   backup.Status     `json:"status"`
	Items    int64             `json:"items"`
	Bytes    int64             `json:"bytes"`
	Snapshot backup.SnapshotID `json:"snapshot,omitempty"` // the latest
	Catalog  json.RawMessage   `json:"catalog,omitempty"`  // a vault.Sealed
}

// snapshotRecord is a snapshot of the Box user before it.
type snapshotRecord struct {
	Kind   string            `json:"kind"`
	User   backup.BoxUserID  `json:"user"`
	ID     backup.SnapshotID `json:"id"`
	Same   backup.SnapshotID `json:"same,omitempty"` // the snapshot of the catalog that it equals
	Taken  time.Time         `json:"taken"`
	Status backup.Status     `json:"status"`
	Items  int64             `json:"items"`
	Bytes  int64             `json:"bytes"`
	Failed int64             `json:"failed"`
}

// contentRecord is the row of a content.
type contentRecord struct {
	Kind   string       `json:"kind"`
	SHA1   backup.SHA1  `json:"sha1"`
	Size   int64        `json:"size"`
	Format int          `json:"format"`
	CRC32  uint32       `json:"crc32"`
	Key    []byte       `json:"key"` // wrapped
	Parts  []partRecord `json:"parts"`
}

type partRecord struct {
	Pack   string `json:"pack"`
	Offset int64  `json:"offset"`
	Length int64  `json:"length"`
}

// endRecord is the last line.
type endRecord struct {
	Kind   string `json:"kind"`
	Lines  int64  `json:"lines"`  // before it
	SHA256 string `json:"sha256"` // of these, in hexadecimal
}

func recordOf(r vault.Row) contentRecord {
	c := contentRecord{Kind: contentLine, SHA1: r.Content.SHA1, Size: r.Content.Size, Format: r.Format, CRC32: r.CRC32, Key: r.Key}
	for _, p := range r.Parts {
		c.Parts = append(c.Parts, partRecord(p))
	}
	return c
}

func (c contentRecord) row() vault.Row {
	r := vault.Row{Content: c.content(), Format: c.Format, CRC32: c.CRC32, Key: c.Key}
	for _, p := range c.Parts {
		r.Parts = append(r.Parts, vault.Part(p))
	}
	return r
}

func (c contentRecord) content() backup.Content { return backup.Content{SHA1: c.SHA1, Size: c.Size} }
