package account

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/guregu/dynamo/v2"
)

var update = flag.Bool("update", false, "write testdata/items.json")

// TestStoredItemsKeepTheirForm fails when what is stored changes, which rows
// that are there already will not.
func TestStoredItemsKeepTheirForm(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	until := at.Add(time.Hour)
	got := map[string]any{}
	for name, item := range map[string]any{
		"account": accountItem{PK: "a", SK: accountKey, Expires: until, Account: Account{ID: "a", Company: "Acme", Location: "de", Region: "eu-central-1", Active: true, Created: at}},
		"user":    userItem{PK: "a", SK: userKey("u"), User: User{Account: "a", ID: "u", Email: "ann@example.com", Name: "Ann", Password: "$argon2id$", Primary: true, Created: at}},
		"session": sessionItem{PK: "a", SK: sessionKey("s"), Expires: until, Session: Session{
			Account: "a", ID: "s", User: "u", Email: "ann@example.com", Hash: []byte("hash"), Key: []byte("key"), Address: "203.0.113.7", Agent: "Browser", Created: at, Seen: at,
		}},
		"link":   Link{Account: "a", User: "u", Secret: "secret", Purpose: Activation, Until: until}.item(),
		"reset":  Reset{Account: "a", User: "u", Secret: "secret", Until: until}.item(),
		"device": Device{Account: "a", User: "u", Secret: "secret", Until: until}.item(),
		"state":  stateItem{PK: "a", SK: "STATE#" + hash("secret"), Expires: until, State: State{Account: "a", Session: "s", Task: "t", Secret: "secret", Until: until}},
		"once": onceItem{PK: "a", SK: Once{User: "u", Key: "k"}.key(), Expires: until, Forget: until.UnixMilli(), Until: at.UnixMilli(), Once: Once{
			Account: "a", User: "u", Key: "k", Asked: "hash", ID: "1", Owner: "2", Answer: []byte("{}"), Done: at,
		}},
		"attempts": attemptsItem{PK: "ATTEMPTS#" + hash("x"), SK: attemptsKey, Expires: until, Forget: until.UnixMilli(), Attempts: Attempts{Count: 4, Next: until, Latest: []Attempt{{ID: "1", At: at}}}},
		"mail":     mailItem{PK: "MAIL#m", SK: "MAIL", Expires: until, Until: until.UnixMilli()},
		"address":  addressItem{PK: "EMAIL#ann@example.com", SK: "EMAIL", Address: Address{Email: "ann@example.com", Account: "a", User: "u", Region: "eu-central-1"}},
	} {
		stored, err := dynamo.MarshalItem(item)
		if err != nil {
			t.Fatal(err)
		}
		typed := map[string]any{}
		for attribute, value := range stored {
			typed[attribute] = map[string]any{strings.TrimPrefix(fmt.Sprintf("%T", value), "*types.AttributeValueMember"): value}
		}
		got[name] = typed
	}
	text, err := json.MarshalIndent(got, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/items.json"
	if *update {
		if err := os.WriteFile(golden, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(text)+"\n"); diff != "" {
		t.Errorf("stored items (-want +got); -update if old rows still read:\n%s", diff)
	}
}
