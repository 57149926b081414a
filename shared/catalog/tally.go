package catalog

import (
	"context"
	"encoding/json"
	"fmt"
)

// Tally is what a run has done. It is kept in the draft and changes together
// with what it counts, so that a run which goes on from a copy of the draft
// counts what it does again in place of what was lost, and nothing twice.
type Tally struct {
	Items    int64 // that Box told of
	Contents int64 // that the run put into the vault
	Bytes    int64 // of those contents
}

// tallyKey is that of the tally in table state.
const tallyKey = "tally"

// Tally returns what the run has done so far.
func (d *Draft) Tally(ctx context.Context) (Tally, error) {
	text, err := d.State(ctx, tallyKey)
	return parseTally(text, err)
}

func parseTally(text string, err error) (t Tally, _ error) {
	if err != nil || text == "" {
		return t, err
	}
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return t, fmt.Errorf("tally: %w", err)
	}
	return t, nil
}

// tally adds to what the run has done, in a transaction.
func (d *Draft) tally(ctx context.Context, more Tally) error {
	t, err := parseTally(d.state(ctx, tallyKey))
	if err != nil || more == (Tally{}) {
		return err
	}
	t.Items += more.Items
	t.Contents += more.Contents
	t.Bytes += more.Bytes
	text, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("tally: %w", err)
	}
	return d.setState(ctx, tallyKey, string(text))
}
