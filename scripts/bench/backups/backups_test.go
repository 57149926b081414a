package backups

import (
	"bytes"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/tally"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

func TestPlainCrawlFetchesEverythingOnceWithinTheLimits(t *testing.T) {
	t.Parallel()
	sim := boxsim.New(boxsim.Options{Seed: 1, Limits: true})
	ada := sim.AddEnterprise("Acme").AddUser("Ada", "ada@acme.example", boxsim.Admin)
	if _, err := sim.Grow(ada, boxsim.Mass{Seed: 1, Files: 60, PerFolder: 7, Min: 100, Max: 9000}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	dir := filepath.Join(t.TempDir(), "crawl")
	crawl := func() int64 {
		t.Helper()
		before := sim.Stats().Users[ada].Calls
		if err := Crawl(t.Context(), []string{"-box", server.URL, "-token", sim.Token(ada), "-dir", dir}); err != nil {
			t.Fatal(err)
		}
		return sim.Stats().Users[ada].Calls - before
	}
	folders, bytes := int64(1), int64(0)
	for _, n := range sim.Tree(ada) {
		if n.Kind == backup.Folder {
			folders++
		}
		bytes += n.Content.Size
	}
	if calls := crawl(); calls != folders+2*60 {
		t.Errorf("the first crawl made %d calls, want one for each of %d folders and two for each file", calls, folders)
	}
	if got, err := size(dir); err != nil || got != bytes {
		t.Errorf("it brought %d bytes of %d, %v", got, bytes, err)
	}
	if calls := crawl(); calls != folders+60 {
		t.Errorf("the second crawl made %d calls, want one for each folder and file", calls)
	}
}

func TestScaledResultsAreGivenInProportion(t *testing.T) {
	t.Parallel()
	r := job{name: "x", files: 500, of: 10_000}.result("rclone", 3*time.Second, 510)
	r.Stored, r.Memory = 1000, 50
	if all := r.whole(); all.Seconds != 60 || all.BoxCalls != 10_200 || all.Stored != 20_000 || all.Memory != 50 {
		t.Errorf("got %+v", all)
	}
	var table bytes.Buffer
	r.print(&table)
	if !strings.Contains(table.String(), "measured with 500 files") {
		t.Errorf("the table hides that it was scaled: %s", table.String())
	}
	if !strings.Contains(r.row(), "from 500 files") {
		t.Errorf("README would hide that it was scaled: %s", r.row())
	}
}

func TestCostsFollowFromWhatWasCounted(t *testing.T) {
	t.Parallel()
	day := func(stored int64) Result {
		return Result{
			Who: "Coffer", Limits: true, Files: 10_000, Of: 10_000, Stored: stored, Catalog: 1 << 30, GBSeconds: 10, Invocations: 2,
			AWS: &tally.Count{Puts: 3, Gets: 1000, Writes: 1e6, Reads: 1e6, Calls: map[string]int64{"SQS": 2, "KMS": 1}},
		}
	}
	got := costs([]Result{day(1 << 30), day(0), day(1 << 20), {Who: "rclone", Limits: true}})
	if len(got) != 5 {
		t.Fatalf("got %d costs", len(got))
	}
	once := got[0]
	near := func(what string, have, want float64) {
		t.Helper()
		if math.Abs(have-want) > want/1e6 {
			t.Errorf("%s: got %g, want %g", what, have, want)
		}
	}
	near("Lambda", once.Shares["Lambda"], 10*0.0000133334+2*0.2e-6)
	near("DynamoDB", once.Shares["DynamoDB requests"], 0.625+0.125)
	near("S3", once.Shares["S3 requests"], 32*0.02e-3+1000*0.0004e-3)
	near("SQS", once.Shares["SQS"], 6*0.5e-6)
	month := got[1]
	near("storage", month.Shares["S3 storage"], (1+15.0/1024)*0.004+0.023)
	if !(month.Total > got[2].Total && got[2].Total > got[3].Total) {
		t.Errorf("a Box user of a larger tenant does not cost less: %g, %g, %g", month.Total, got[2].Total, got[3].Total)
	}
	sum := 0.0
	for _, share := range month.Shares {
		sum += share
	}
	near("sum", month.Total, sum)
}

func TestReadmeSectionIsReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "README.md")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	report := Report{Machine: "2 CPUs", Results: []Result{{Job: "first", Who: "Coffer", Limits: true, Files: 1, Of: 1, Seconds: 4.25}}}
	write("before\n" + sectionBegin + "\nold\n" + sectionEnd + "\nafter\n")
	for range 2 { // again and again
		if err := WriteReadme(path, report); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := string(text)
	if !strings.HasPrefix(got, "before\n") || !strings.HasSuffix(got, "\nafter\n") || strings.Contains(got, "old") ||
		strings.Count(got, "| first | Coffer | 4.2") != 1 || !strings.Contains(got, "2 CPUs") {
		t.Errorf("got %s", got)
	}
	write("no place")
	if err := WriteReadme(path, report); err == nil {
		t.Error("a README without a place for the tables was written")
	}
}

func TestPiecesAreChosenByNameAndKeepWhatOthersFound(t *testing.T) {
	t.Parallel()
	b := &bench{sizes: quick}
	all := b.pieces()
	chosen, err := choose(all, []string{films + "/rclone", growing})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"large/rclone", "growth/1000", "growth/5000"}
	if diff := cmp.Diff(namesOf(chosen), want); diff != "" {
		t.Errorf("chosen: %s", diff)
	}
	if chosen, err := choose(all, []string{millionFiles}); err != nil || len(chosen) != 1 {
		t.Errorf("the million: %v, %v", namesOf(chosen), err)
	}
	if _, err := choose(all, []string{"fast"}); err == nil {
		t.Error("a piece that does not exist was chosen")
	}
	earlier := []Result{{Piece: "growth/1000", Job: "old"}, {Piece: "limits/Coffer", Job: "old"}, {Piece: "gone/Coffer"}}
	now := []Result{{Piece: "growth/1000", Job: "new"}, {Piece: "large/rclone", Job: "new"}}
	merged := merge(all, earlier, now)
	wantMerged := []Result{{Piece: "limits/Coffer", Job: "old"}, {Piece: "large/rclone", Job: "new"}, {Piece: "growth/1000", Job: "new"}}
	if diff := cmp.Diff(merged, wantMerged); diff != "" {
		t.Errorf("merged: %s", diff)
	}
	if got := of(merged, true); len(got) != 1 || got[0].Job != "new" {
		t.Errorf("growing accounts: %v", got)
	}
}
