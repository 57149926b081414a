package verifier

import (
	"bytes"
	"cmp"
	"container/heap"
	"encoding/hex"
	"slices"

	"coffer/shared/vault"
)

// next chooses, of rows that come in any order, those whose SHA-1 follows a
// position, up to an amount of bytes and a number. It holds no more than these.
type next struct {
	after  []byte
	bytes  int64
	number int

	held  farthest
	total int64
	left  bool // rows behind the position were left out
}

func newNext(position string, bytes int64, number int) *next {
	after, err := hex.DecodeString(position)
	if err != nil {
		after = nil // a new round
	}
	return &next{after: after, bytes: bytes, number: number}
}

func (n *next) add(row vault.Row) {
	if bytes.Compare(row.Content.SHA1[:], n.after) <= 0 {
		return
	}
	heap.Push(&n.held, row)
	n.total += row.Content.Size
	for len(n.held) > 1 && (n.total > n.bytes || len(n.held) > n.number) {
		gone := heap.Pop(&n.held).(vault.Row)
		n.total, n.left = n.total-gone.Content.Size, true
	}
}

// rows returns the chosen rows in order, and whether the round ends with them.
func (n *next) rows() ([]vault.Row, bool) {
	slices.SortFunc(n.held, byContent)
	return n.held, !n.left
}

func byContent(a, b vault.Row) int {
	return cmp.Or(bytes.Compare(a.Content.SHA1[:], b.Content.SHA1[:]), cmp.Compare(a.Content.Size, b.Content.Size))
}

// farthest is a heap with the row that comes last on top.
type farthest []vault.Row

// Len implements heap.Interface.
func (f farthest) Len() int { return len(f) }

// Less implements heap.Interface.
func (f farthest) Less(i, j int) bool { return byContent(f[i], f[j]) > 0 }

// Swap implements heap.Interface.
func (f farthest) Swap(i, j int) { f[i], f[j] = f[j], f[i] }

// Push implements heap.Interface.
func (f *farthest) Push(row any) { *f = append(*f, row.(vault.Row)) }

// Pop implements heap.Interface.
func (f *farthest) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}
