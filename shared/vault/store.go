package vault

import (
	"context"
	"crypto/sha256"
	"io"
	"time"

	"coffer/shared/backup"
)

// Objects is where packs, catalogs and lists of people lie: an S3 bucket, or a Folder.
type Objects interface {
	// Put stores size bytes of body, whose SHA-256 is sum, under a new key. An
	// equal object that is there already is success, a different one an error.
	Put(ctx context.Context, key string, body io.ReadSeeker, size int64, sum [sha256.Size]byte) error
	// Get streams length bytes from offset on, or all the rest where length is
	// negative. The error matches fs.ErrNotExist where there is no such object.
	Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
	// Delete removes an object; one that is not there is no error.
	Delete(ctx context.Context, key string) error
	// List calls visit for every object whose key begins with prefix.
	List(ctx context.Context, prefix string, visit func(key string, size int64, modified time.Time) error) error
}

// Index is where rows and progress records are kept: a DynamoDB table, or
// Memory.
type Index interface {
	// Rows returns the rows of those contents that have one.
	Rows(ctx context.Context, id ID, contents []backup.Content) (map[backup.Content]Row, error)
	// Put stores rows, in place of rows of the same contents. Each is as good
	// as the other, and the packs of those replaced are left to be pruned.
	Put(ctx context.Context, id ID, rows []Row) error
	// Progress returns a content's progress record, or one with Version 0.
	Progress(ctx context.Context, id ID, c backup.Content) (Progress, error)
	// SaveProgress stores a progress record on condition that the one stored
	// has the version before p's. It is a Conflict otherwise.
	SaveProgress(ctx context.Context, id ID, p Progress) error
	// DropProgress removes the record on condition that it still has p's
	// version. It is a Conflict otherwise.
	DropProgress(ctx context.Context, id ID, p Progress) error
	// Finish puts the row of p and removes the progress record, both or
	// neither, on condition that the record still has p's version. It is a
	// Conflict otherwise.
	Finish(ctx context.Context, id ID, p Progress) error
	// Walk visits every row and every progress record, never two at a time. A
	// record that becomes a row meanwhile is visited as one of them or as both.
	Walk(ctx context.Context, id ID, row func(Row) error, progress func(Progress) error) error
	Pruning
}

// Pruning is what an Index does for the removal of contents and the rewriting of
// packs.
type Pruning interface {
	// Section visits every row whose SHA-1 begins with that byte.
	Section(ctx context.Context, id ID, first byte, row func(Row) error) error
	// Condemn sets Condemned of a row that is there and not condemned. It is a
	// Conflict otherwise.
	Condemn(ctx context.Context, id ID, c backup.Content, at time.Time) error
	// Rescue clears Condemned. It is NotFound where the row is gone.
	Rescue(ctx context.Context, id ID, c backup.Content) error
	// Remove removes a row on condition that its Condemned is still r's. It is
	// a Conflict otherwise.
	Remove(ctx context.Context, id ID, r Row) error
	// Move changes where a content is on condition that it still is where r
	// says. It is a Conflict otherwise.
	Move(ctx context.Context, id ID, r Row, to []Part) error
	// Retire records that rows are going to leave these packs, and when.
	Retire(ctx context.Context, id ID, packs []string, at time.Time) error
	// Retired returns the packs that were retired, with the latest time.
	Retired(ctx context.Context, id ID) (map[string]time.Time, error)
	// Forget removes the record that packs were retired, when they are gone.
	Forget(ctx context.Context, id ID, packs []string) error
	// Erase removes everything of a vault and returns how many rows it removed.
	Erase(ctx context.Context, id ID) (int, error)
}

// Keys seals vault keys: a KMS key, or StaticKeys.
type Keys interface {
	// NewKey returns a new random key of 32 bytes, plain and sealed.
	NewKey(ctx context.Context, bound map[string]string) (plain, sealed []byte, err error)
	// Open returns the plain key, on condition that bound is as it was then.
	Open(ctx context.Context, sealed []byte, bound map[string]string) ([]byte, error)
}

// Row says where a content is and how to open it.
type Row struct {
	Content backup.Content
	Format  int
	CRC32   uint32 // IEEE, of the plain bytes
	Key     []byte // the content key, wrapped
	Parts   []Part
	// Condemned is when nothing was found to need the content; zero for most.
	// Put stores rows without it.
	Condemned time.Time
}

// Part is where a part of a content is stored.
type Part struct {
	Pack   string
	Offset int64
	Length int64
}

// Progress is how far the storing of a large content has come. Its Row is of
// the parts so far.
type Progress struct {
	Row
	SHA1    []byte // state of the SHA-1, as crypto/sha1 marshals it
	Version int64  // counts the saves; 0 means that there is no record
	Updated time.Time
}
