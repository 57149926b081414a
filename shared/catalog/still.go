package catalog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// Still calls f with the bytes of the catalog's file, as the draft is now. What
// is written while f reads them is not in them. Other than Checkpoint it makes no
// copy, and what has not changed stays where it was in the file, so that two
// states can be compared page by page.
func (d *Draft) Still(ctx context.Context, f func(io.Reader) error) (err error) {
	if err := d.settleFile(ctx); err != nil {
		return fmt.Errorf("hold the catalog: %w", err)
	}
	defer func() { err = errors.Join(err, d.release(ctx)) }()
	file, err := os.Open(d.path)
	if err != nil {
		return fmt.Errorf("read the catalog: %w", err)
	}
	defer file.Close() // only read; no other process locks the file
	return f(&settledHeader{Reader: file})
}

// settleFile brings everything into the file, and has what is written from now on
// stay in the write-ahead log.
func (d *Draft) settleFile(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.conn.ExecContext(ctx, "PRAGMA wal_autocheckpoint = 0"); err != nil {
		return err
	}
	var busy, pages, moved int64
	if err := d.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
		return errors.Join(err, d.autocheckpoint(ctx))
	}
	if busy != 0 {
		return errors.Join(errors.New("it is being read"), d.autocheckpoint(ctx))
	}
	return nil
}

func (d *Draft) release(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.autocheckpoint(ctx)
}

// autocheckpoint lets SQLite bring the write-ahead log into the file again, every
// 1,000 pages as it does by itself.
func (d *Draft) autocheckpoint(ctx context.Context) error {
	_, err := d.conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA wal_autocheckpoint = 1000")
	return err
}

// settledHeader reads a database as one that needs no write-ahead log: bytes 18
// and 19 of the file say so (https://sqlite.org/fileformat2.html#the_database_header).
// It has none, since everything was brought into the file.
type settledHeader struct {
	io.Reader
	at int64
}

func (r *settledHeader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	for at := int64(18); at <= 19; at++ {
		if i := at - r.at; i >= 0 && i < int64(n) {
			p[i] = 1
		}
	}
	r.at += int64(n)
	return n, err
}
