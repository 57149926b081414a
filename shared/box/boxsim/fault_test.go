package boxsim_test

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

func TestEachKindOfFaultDoesWhatItSays(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("0123456789"), 100)
	tests := map[boxsim.Kind]func(t *testing.T, a answer, err error){
		boxsim.TooMany: func(t *testing.T, a answer, _ error) {
			if a.want(t, http.StatusTooManyRequests).header.Get("Retry-After") != "7" || a.str("code") != "rate_limit_exceeded" {
				t.Errorf("got %v %s", a.header, a.text)
			}
		},
		boxsim.Unavailable:  func(t *testing.T, a answer, _ error) { a.want(t, http.StatusServiceUnavailable) },
		boxsim.Unauthorized: func(t *testing.T, a answer, _ error) { a.want(t, http.StatusUnauthorized) },
		boxsim.OutOfScope:   func(t *testing.T, a answer, _ error) { a.want(t, http.StatusForbidden) },
		boxsim.Policy:       func(t *testing.T, a answer, _ error) { a.want(t, http.StatusForbidden) },
		boxsim.Trashed:      func(t *testing.T, a answer, _ error) { a.want(t, http.StatusNotFound) },
		boxsim.Accepted:     func(t *testing.T, a answer, _ error) { a.want(t, http.StatusAccepted) },
		boxsim.HTML:         func(t *testing.T, a answer, _ error) { a.want(t, http.StatusBadGateway) },
		boxsim.BadJSON: func(t *testing.T, a answer, err error) {
			if a.status != http.StatusOK || err == nil {
				t.Errorf("got %d, %v", a.status, err)
			}
		},
		boxsim.Empty: func(t *testing.T, a answer, _ error) {
			if a.status != http.StatusOK || len(a.text) != 0 {
				t.Errorf("got %d %q", a.status, a.text)
			}
		},
		boxsim.Reset: func(t *testing.T, a answer, err error) {
			if err == nil || a.status != 0 {
				t.Errorf("got %d, %v", a.status, err)
			}
		},
		boxsim.Cut: func(t *testing.T, a answer, err error) {
			if err == nil || a.status != http.StatusOK || !bytes.HasPrefix(content, a.text) {
				t.Errorf("got %d, %v, %q", a.status, err, a.text)
			}
		},
		boxsim.Short: func(t *testing.T, a answer, err error) {
			if err != nil || len(a.text) >= len(content) || a.header.Get("Content-Length") != fmt.Sprint(len(a.text)) {
				t.Errorf("got %d bytes, %v, %v", len(a.text), err, a.header)
			}
		},
		boxsim.Flip: func(t *testing.T, a answer, err error) {
			if err != nil || len(a.text) != len(content) || bytes.Equal(a.text, content) {
				t.Errorf("got %d bytes, %v", len(a.text), err)
			}
		},
		boxsim.Slow: func(t *testing.T, a answer, err error) {
			if err != nil || !bytes.Equal(a.text, content) {
				t.Errorf("got %d bytes, %v", len(a.text), err)
			}
		},
	}
	for kind, check := range tests {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			b := start(t, boxsim.Options{Seed: 5})
			id := must(b.Upload(b.bob, "0", "a.bin", content))(t)
			link := b.send(b.bob, "GET", "/2.0/files/"+id+"/content", nil).header.Get("Location")
			number := b.Fault(boxsim.Fault{Endpoint: "GET /d/1/*/download", Kinds: []boxsim.Kind{kind}, Times: 1, RetryAfter: 7, Delay: time.Millisecond})
			a, err := b.try("", "GET", link, nil)
			check(t, a, err)
			if used := b.Stats().Faults[number]; used != 1 {
				t.Errorf("the fault was used %d times", used)
			}
			if a, err := b.try("", "GET", link, nil); err != nil || !bytes.Equal(a.text, content) {
				t.Errorf("after the fault: %d bytes, %v", len(a.text), err)
			}
		})
	}
}

func TestLostRepliesTakeEffect(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	create := func(name string) (answer, error) {
		return b.try(b.bob, "POST", "/2.0/folders", map[string]any{"name": name, "parent": map[string]string{"id": "0"}})
	}
	b.Fault(boxsim.Fault{Endpoint: "POST /2.0/folders", Kinds: []boxsim.Kind{boxsim.Lost}, Nth: 1})
	b.Fault(boxsim.Fault{Endpoint: "POST /2.0/folders", Kinds: []boxsim.Kind{boxsim.Unavailable}, After: true, Times: 1})
	if a, err := create("one"); err == nil {
		t.Errorf("got %d", a.status)
	}
	if a, err := create("two"); err != nil || a.status != http.StatusServiceUnavailable {
		t.Errorf("got %d, %v", a.status, err)
	}
	if got := len(b.Tree(b.bob)); got != 2 {
		t.Errorf("%d folders were made", got)
	}
}

func TestFaultsChooseByEndpointUserAndCount(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	b.Fault(boxsim.Fault{Endpoint: "* /2.0/folders/**", User: b.bob, Kinds: []boxsim.Kind{boxsim.NotFound}, Nth: 2})
	var got []int
	for range 3 {
		got = append(got, b.send(b.ada, "GET", "/2.0/folders/0/items", nil).status, b.send(b.bob, "GET", "/2.0/users/me", nil).status,
			b.send(b.bob, "GET", "/2.0/folders/0/items", nil).status)
	}
	if diff := cmp.Diff(got, []int{200, 200, 200, 200, 200, 404, 200, 200, 200}); diff != "" {
		t.Error(diff)
	}
}

func TestEqualSeedsGiveEqualFaults(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) (statuses []int) {
		b := start(t, boxsim.Options{Seed: seed})
		b.Fault(boxsim.Fault{Kinds: []boxsim.Kind{boxsim.ServerError, boxsim.Unavailable}, Probability: 0.3})
		for range 60 {
			statuses = append(statuses, b.send(b.ada, "GET", "/2.0/users/me", nil).status)
		}
		return statuses
	}
	one := run(1)
	if diff := cmp.Diff(one, run(1)); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(one, run(2)) {
		t.Error("another seed gave the same faults")
	}
}

func TestListsCanRepeatShuffleAndShrink(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	for i := range 10 {
		must(b.Upload(b.bob, "0", fmt.Sprint(i), []byte("x")))(t)
	}
	list := func(kind boxsim.Kind) answer {
		b.ClearFaults()
		b.Fault(boxsim.Fault{Kinds: []boxsim.Kind{kind}})
		return b.send(b.bob, "GET", "/2.0/folders/0/items?limit=8", nil).want(t, http.StatusOK)
	}
	if got := len(list(boxsim.Repeat).entries("id")); got != 9 {
		t.Errorf("repeat lists %d", got)
	}
	if got := list(boxsim.Shuffle).str("entries.0.name"); got != "7" {
		t.Errorf("shuffle begins with %s", got)
	}
	if got := len(list(boxsim.ShortPage).entries("id")); got != 4 {
		t.Errorf("a short page lists %d", got)
	}
	if a := list(boxsim.Odd); a.str("order.by") != "type" || a.at("added_later") == nil {
		t.Errorf("got %s", a.text)
	}
}

func TestFaultsAndTheClockAreDrivenOverHTTP(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	made := b.send("", "POST", "/_sim/faults", `{"endpoint":"GET /2.0/users/me","kinds":["500"],"times":1}`).want(t, http.StatusCreated)
	if made.at("faults.0") != 1.0 {
		t.Errorf("got %s", made.text)
	}
	b.send(b.ada, "GET", "/2.0/users/me", nil).want(t, http.StatusInternalServerError)
	b.send(b.ada, "GET", "/2.0/users/me", nil).want(t, http.StatusOK)
	stats := b.send("", "GET", "/_sim/stats", nil).want(t, http.StatusOK)
	if stats.at("endpoints").(map[string]any)["GET /2.0/users/me"] != 2.0 || stats.at("faults.1") != 1.0 || stats.at("users."+string(b.ada)+".calls") != 2.0 {
		t.Errorf("got %s", stats.text)
	}
	before := b.Now()
	b.send("", "POST", "/_sim/clock", `{"advance":"24h"}`).want(t, http.StatusOK)
	if moved := b.Now().Sub(before); moved < 24*time.Hour {
		t.Errorf("the clock moved by %v", moved)
	}
	b.send("", "POST", "/_sim/reset", "").want(t, http.StatusNoContent)
	if got := b.Stats(); got.Calls != 0 || len(got.Faults) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestLimitsAreKeptForEachUser(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	b := start(t, boxsim.Options{Limits: true, Now: func() time.Time { return now }})
	token := b.Token(b.ada)
	call := func(as backup.BoxUserID) answer {
		return b.send("", "GET", "/2.0/users/me", nil, "Authorization", "Bearer "+token, "As-User", string(as))
	}
	for range 1000 {
		call(b.ada).want(t, http.StatusOK)
	}
	b.Advance(20 * time.Second)
	refused := call(b.ada).want(t, http.StatusTooManyRequests)
	if got := refused.header.Get("Retry-After"); got != "40" {
		t.Errorf("retry-after is %s", got)
	}
	call(b.bob).want(t, http.StatusOK)
	b.Advance(10 * time.Second)
	call(b.ada).want(t, http.StatusTooManyRequests)
	b.Advance(30 * time.Second)
	call(b.ada).want(t, http.StatusOK)
	want := boxsim.UserStats{Calls: 1003, Peak: 1002, Limited: 2, Early: 1}
	if diff := cmp.Diff(b.Stats().Users[b.ada], want); diff != "" {
		t.Error(diff)
	}
}

func TestAnEnterpriseHasAMonthlyAllowance(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{MonthlyCalls: 2})
	b.send(b.ada, "GET", "/2.0/users/me", nil).want(t, http.StatusOK)
	b.send(b.bob, "GET", "/2.0/users/me", nil).want(t, http.StatusOK)
	b.send(b.ada, "GET", "/2.0/users/me", nil).want(t, http.StatusTooManyRequests)
	b.Advance(31 * 24 * time.Hour)
	b.send(b.ada, "GET", "/2.0/users/me", nil).want(t, http.StatusOK)
}

func TestAFaultCanChangeContentInTheMiddle(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	id := must(b.Upload(b.bob, "0", "a.txt", []byte("one")))(t)
	b.Fault(boxsim.Fault{Endpoint: "GET /2.0/files/*/content", Kinds: []boxsim.Kind{boxsim.Late}, Do: func() {
		ok(t, b.NewVersion(b.bob, id, []byte("two")))
	}})
	if got := string(b.follow(b.send(b.bob, "GET", "/2.0/files/"+id+"/content", nil)).text); got != "two" {
		t.Errorf("got %q", got)
	}
}
