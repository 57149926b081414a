// Package backup holds the words of Coffer that every other package shares:
// identifiers, statuses, the identity of contents and items, queue messages,
// and the one error type whose text a person may read. It knows nothing of
// Box's wire format, AWS or storage, and imports the standard library only.
//
// Account: a customer, in one AWS region for good. Task: one connected Box
// enterprise and its settings. Box user: a member of that enterprise whose
// content a task backs up. Run: one backup of one Box user. Snapshot: the
// sealed result of a run. Job: a restore, export or erasure someone asked for.
package backup

import (
	"crypto/rand"
	"strings"
	"time"
)

// Identifiers. Each is opaque text; only Box's own ids carry digits that mean
// anything, and only to Box.
type (
	// AccountID names a customer.
	AccountID string
	// UserID names a portal user, a person who signs in to the portal.
	UserID string
	// TaskID names a backup task.
	TaskID string
	// BoxUserID is Box's id of a Box user.
	BoxUserID string
	// SnapshotID names a snapshot; later snapshots sort after earlier ones.
	SnapshotID string
	// JobID names a job; later jobs sort after earlier ones.
	JobID string
	// TagID names a tag of a task's Box users.
	TagID string
)

// LimitedAccess is the tag of every task that keeps what a Box user has from
// all portal users but the primary one.
const LimitedAccess TagID = "limited-access"

// NewID returns a random identifier of 26 lower-case letters and digits that
// carries 130 random bits, so it cannot be guessed.
func NewID() string {
	return strings.ToLower(rand.Text())
}

// NewSortableID returns an identifier that sorts by at (to the millisecond)
// and carries the randomness of NewID.
func NewSortableID(at time.Time) string {
	const digits = "0123456789abcdefghjkmnpqrstvwxyz"
	ms := at.UnixMilli()
	var b [10]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = digits[ms&31]
		ms >>= 5
	}
	return string(b[:]) + NewID()
}
