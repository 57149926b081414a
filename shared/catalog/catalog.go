package catalog

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Version is the format's version, in the database's user_version.
const Version = 3

const applicationID = 0x436f6666

// The schema of version 1, and what the versions 2 and 3 add.
var (
	//go:embed schema.sql
	schema1 string
	//go:embed version2.sql
	schema2 string
	//go:embed version3.sql
	schema3 string
)

// Catalog is an open catalog file. Its methods may be called concurrently.
type Catalog struct {
	path    string
	db      *sql.DB
	version atomic.Int64 // of the file's format
}

// Create makes an empty catalog at path, which must not exist.
func Create(ctx context.Context, path string) (*Catalog, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create catalog: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("create catalog: %w", err)
	}
	c, err := connect(path)
	if err != nil {
		return nil, err
	}
	c.version.Store(Version)
	header := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, Version)
	if _, err := c.db.ExecContext(ctx, "BEGIN;"+schema1+schema2+schema3+header+"COMMIT"); err != nil {
		return nil, errors.Join(fmt.Errorf("create catalog: %w", err), c.Close())
	}
	return c, nil
}

// Open opens the catalog at path, of this or an earlier version of the format,
// and does not change it: the next Draft brings it up to date. A process that was killed while it wrote
// leaves a file that Open can read.
func Open(ctx context.Context, path string) (*Catalog, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open catalog: %w", err)
	}
	c, err := connect(path)
	if err != nil {
		return nil, err
	}
	var app, version int64
	err = c.db.QueryRowContext(ctx, "SELECT application_id, user_version FROM pragma_application_id, pragma_user_version").Scan(&app, &version)
	switch {
	case err != nil:
	case app != applicationID:
		err = errors.New("the file is not a catalog")
	case version < 1 || version > Version:
		err = fmt.Errorf("the file has format %d and this program reads formats up to %d", version, Version)
	default:
		c.version.Store(version)
		return c, nil
	}
	return nil, errors.Join(fmt.Errorf("open catalog: %w", err), c.Close())
}

// connect opens the database. Nothing is synced to the disk on commit: only a
// crash of the machine could tear the file, and a working copy does not
// outlive its machine; a process killed at any point leaves it whole.
func connect(path string) (*Catalog, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("catalog path: %w", err)
	}
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: strings.Join([]string{
		"_pragma=busy_timeout(60000)", "_pragma=synchronous(OFF)", "_pragma=cache_size(-8000)",
	}, "&")}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("open catalog: %w", err)
	}
	return &Catalog{path: path, db: db}, nil
}

// upgrade brings the file to the current version of the format.
func (c *Catalog) upgrade(ctx context.Context) error {
	var changes string
	switch c.version.Load() {
	case 1:
		changes = schema2 + schema3
	case 2:
		changes = schema3
	default:
		return nil
	}
	changes += "UPDATE failure AS f SET since = " + firstFailed + " WHERE snapshot <= (SELECT max(n) FROM snapshot WHERE sealed = 1);"
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("upgrade catalog: %w", err)
	}
	if _, err := tx.ExecContext(ctx, changes+fmt.Sprintf("PRAGMA user_version = %d;", Version)); err != nil {
		return errors.Join(fmt.Errorf("upgrade catalog: %w", err), tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("upgrade catalog: %w", err)
	}
	c.version.Store(Version)
	return nil
}

// Close closes the catalog. A draft stays in the file.
func (c *Catalog) Close() error { return c.db.Close() }

// Checkpoint writes a consistent, compact copy of the catalog, with its draft
// if it has one, to path, which must not exist.
func (c *Catalog) Checkpoint(ctx context.Context, path string) error {
	if _, err := c.db.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return fmt.Errorf("copy catalog: %w", err)
	}
	return nil
}
