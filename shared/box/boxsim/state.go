package boxsim

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"coffer/shared/backup"
)

// state is all that Save keeps, with ids in place of pointers. Everything in
// index is derived from it.
type state struct {
	Drawn       uint64           // opaque strings drawn so far
	LastID      map[string]int64 // by noun
	Shift       time.Duration    // of the virtual clock against the real one
	Enterprises map[string]*enterprise
	Users       map[string]*user
	Apps        map[string]*app // by client id
	Grants      map[string]*grant
	Items       map[backup.ItemRef]*item
	Collabs     map[string]*collaboration
	Comments    map[string]*comment
	Tasks       map[string]*task
	Groups      map[string]*group
	Members     map[string]*membership
	Templates   map[string]*template // by scope and key
	Favorites   map[string][]backup.ItemRef
	Sessions    map[string]*session
	Events      []*event
}

func newState() state {
	return state{
		LastID:      map[string]int64{},
		Enterprises: map[string]*enterprise{},
		Users:       map[string]*user{},
		Apps:        map[string]*app{},
		Grants:      map[string]*grant{},
		Items:       map[backup.ItemRef]*item{},
		Collabs:     map[string]*collaboration{},
		Comments:    map[string]*comment{},
		Tasks:       map[string]*task{},
		Groups:      map[string]*group{},
		Members:     map[string]*membership{},
		Templates:   map[string]*template{},
		Favorites:   map[string][]backup.ItemRef{},
		Sessions:    map[string]*session{},
	}
}

// index is what can be computed from the state, kept for speed.
type index struct {
	shelves    map[string]*shelf                 // children, by shelfKey
	trash      map[string][]*item                // directly trashed items, by owner, oldest first
	collabsOf  map[backup.ItemRef][]string       // collaboration ids, by item
	collabsFor map[string][]string               // collaboration ids, by user or group id
	commentsOn map[backup.ItemRef][]string       // comment ids, oldest first
	tasksOn    map[string][]string               // task ids, by file
	groupsOf   map[string]map[string]*membership // memberships, by user, by group
	feeds      map[string][]int                  // positions in Events, by user
	links      map[string]*link                  // download addresses, not saved
	zips       map[string]*archive               // zip downloads, not saved
	codes      map[string]*code                  // authorization codes, not saved
	jtis       map[string]time.Time              // JWT ids seen, not saved
	refreshes  map[string]*grant                 // by refresh token
}

func newIndex() index {
	return index{
		shelves:    map[string]*shelf{},
		trash:      map[string][]*item{},
		collabsOf:  map[backup.ItemRef][]string{},
		collabsFor: map[string][]string{},
		commentsOn: map[backup.ItemRef][]string{},
		tasksOn:    map[string][]string{},
		groupsOf:   map[string]map[string]*membership{},
		feeds:      map[string][]int{},
		links:      map[string]*link{},
		zips:       map[string]*archive{},
		codes:      map[string]*code{},
		jtis:       map[string]time.Time{},
		refreshes:  map[string]*grant{},
	}
}

// firstID gives each noun's ids their usual length, and keeps a file's id from
// passing for a folder's.
var firstID = map[string]int64{
	"enterprise": 800_100,
	"user":       18_200_000_000,
	"folder":     240_100_000_000,
	"file":       1_510_200_000_000,
	"web_link":   30_300_000_000,
	"version":    1_730_400_000_000,
	"event":      90_500_000_000,
}

// nextID returns a new id of the noun: decimal digits, later ones greater and
// of equal length.
func (s *Sim) nextID(noun string) string {
	n := s.LastID[noun]
	if n == 0 {
		n = firstID[noun]
		if n == 0 {
			n = 70_600_000_000
		}
	}
	n++
	s.LastID[noun] = n
	return strconv.FormatInt(n, 10)
}

// opaque returns a new unguessable-looking string of n characters.
func (s *Sim) opaque(n int) string {
	var out []byte
	for len(out) < n {
		s.Drawn++
		var seed [16]byte
		binary.BigEndian.PutUint64(seed[:8], s.opt.Seed)
		binary.BigEndian.PutUint64(seed[8:], s.Drawn)
		sum := sha256.Sum256(seed[:])
		out = hex.AppendEncode(out, sum[:])
	}
	return string(out[:n])
}

// uuid returns a new identifier in the form 8-4-4-4-12.
func (s *Sim) uuid() string {
	h := s.opaque(32)
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}
