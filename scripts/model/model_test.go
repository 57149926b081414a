package model_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
)

var (
	sequences = flag.Int("sequences", 20, "random sequences of operations")
	seed      = flag.Uint64("seed", 1, "of the first one")
	bugs      = flag.Int("bugs", 1, "bugs that are planted, one after another")
)

// TestMain keeps the product's logs to itself: a sequence says what differs.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// draw makes a random sequence of at most 30 operations.
func draw(seed uint64) []op {
	rng := rand.New(rand.NewPCG(seed, 7))
	sequence := make([]op, 10+rng.IntN(21))
	for i := range sequence {
		sequence[i] = op{ops[rng.IntN(len(ops))], rng.IntN(3) / 2, rng.IntN(1000), rng.IntN(1000)} // one is busier
	}
	return sequence
}

// player plays sequences one after another.
type player struct {
	*testing.T
	services *services
	client   *http.Client
}

// played returns how the product differs from the model after a sequence, or
// nil.
func (p *player) played(sequence []op) error {
	dir, err := os.MkdirTemp(p.TempDir(), "world-")
	if err != nil {
		p.Fatal(err)
	}
	defer os.RemoveAll(dir)
	w, done, err := p.services.newWorld(p.Context(), dir, p.client)
	if err != nil {
		p.Fatal(err)
	}
	defer done()
	for i, o := range sequence {
		err := w.play(o)
		if err == nil {
			err = w.boxAgrees()
		}
		if err != nil {
			p.services = newServices(p.T) // what is left of it must not be pruned with the next one
			return fmt.Errorf("operation %d of %d, %v: %w", i+1, len(sequence), o, err)
		}
	}
	if err := w.end(); err != nil {
		p.services = newServices(p.T)
		return fmt.Errorf("after %d operations: %w", len(sequence), err)
	}
	return nil
}

// shrunk leaves out of a sequence that differs what is not needed for it to
// differ.
func (p *player) shrunk(sequence []op) ([]op, error) {
	why := p.played(sequence)
	for size := len(sequence) / 2; size > 0; {
		without := false
		for at := 0; at+size <= len(sequence); {
			shorter := slices.Delete(slices.Clone(sequence), at, at+size)
			if err := p.played(shorter); err != nil {
				sequence, why, without = shorter, err, true
				continue
			}
			at += size
		}
		if size > 1 || !without {
			size /= 2
		}
	}
	return sequence, why
}

// show writes a sequence as it can be played again.
func show(sequence []op) string {
	lines := make([]string, len(sequence))
	for i, o := range sequence {
		lines[i] = "\t" + o.String() + ","
	}
	return strings.Join(lines, "\n")
}

// TestRandomSequencesFollowTheModel_I7 plays -sequences of them.
func TestRandomSequencesFollowTheModel_I7(t *testing.T) {
	t.Parallel()
	p := &player{T: t, services: newServices(t)}
	played := 0
	for n := range *sequences {
		sequence := draw(*seed + uint64(n))
		played += len(sequence)
		if p.played(sequence) == nil {
			continue
		}
		shorter, why := p.shrunk(sequence)
		t.Fatalf("seed %d differs; this is what it needs:\n%s\n%v", *seed+uint64(n), show(shorter), why)
	}
	t.Logf("seed %d: %d sequences of %d operations", *seed, *sequences, played)
}

// deaf is a client to which Box seems never to tell some kinds of events.
type deaf struct{ kinds []string }

// RoundTrip implements http.RoundTripper.
func (d deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || r.URL.Path != "/2.0/events" || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	defer resp.Body.Close()
	var page map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&page); err != nil {
		return nil, err
	}
	entries, _ := page["entries"].([]any)
	page["entries"] = slices.DeleteFunc(entries, func(e any) bool {
		kind, _ := e.(map[string]any)["event_type"].(string)
		return slices.Contains(d.kinds, kind)
	})
	body, err := json.Marshal(page)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return resp, err
}

// kinds are events that Coffer may miss: of the enterprise's stream, and of a
// user's.
var kinds = [][]string{
	{"DELETE", "ITEM_TRASH"},
	{"MOVE", "ITEM_MOVE"},
	{"UNDELETE", "ITEM_UNDELETE_VIA_TRASH"},
	{"RENAME", "ITEM_RENAME"},
	{"EDIT", "UPLOAD", "ITEM_UPLOAD"},
}

// TestPlantedBugIsFoundAndMadeShort_I7 lets Coffer miss one kind of events.
func TestPlantedBugIsFoundAndMadeShort_I7(t *testing.T) {
	t.Parallel()
	for _, missed := range kinds[:min(*bugs, len(kinds))] {
		p := &player{T: t, services: newServices(t), client: &http.Client{Transport: deaf{missed}}}
		n := uint64(0)
		for n < 1000 && p.played(draw(*seed+n)) == nil {
			n++
		}
		if n == 1000 {
			t.Errorf("1,000 sequences did not find that %v is missed", missed)
			continue
		}
		shorter, why := p.shrunk(draw(*seed + n))
		t.Logf("seed %d: %v, missed, was found in sequence %d, and takes\n%s\n%v", *seed, missed, n+1, show(shorter), why)
		if len(shorter) > 10 {
			t.Errorf("%d operations are left, want at most 10", len(shorter))
		}
	}
}
