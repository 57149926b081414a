package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// write runs f in a transaction.
func (d *Draft) write(ctx context.Context, what string, f func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	ended := false
	defer func() {
		if !ended { // f panicked
			clear(d.text)
			_, _ = d.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // the panic is what counts
		}
	}()
	err := f()
	ended = true
	if err == nil {
		_, err = d.conn.ExecContext(ctx, "COMMIT")
	}
	if err == nil {
		return nil
	}
	clear(d.text) // the texts of this transaction are not in the file
	_, undo := d.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	return errors.Join(fmt.Errorf("%s: %w", what, err), undo)
}

// prepare returns the query's statement, prepared once per draft.
func (d *Draft) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := d.stmt[query]; s != nil {
		return s, nil
	}
	s, err := d.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	d.stmt[query] = s
	return s, nil
}

func (d *Draft) exec(ctx context.Context, query string, args ...any) error {
	s, err := d.prepare(ctx, query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx, args...)
	return err
}

func (d *Draft) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := d.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (d *Draft) row(ctx context.Context, query string, args ...any) interface{ Scan(...any) error } {
	s, err := d.prepare(ctx, query)
	if err != nil {
		return failed{err}
	}
	return s.QueryRowContext(ctx, args...)
}

// failed is the row of a query that could not be prepared.
type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }
