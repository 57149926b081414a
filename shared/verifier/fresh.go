package verifier

import "coffer/shared/vault"

// fresh chooses one content of every new pack, up to an amount of bytes.
type fresh struct {
	packs map[string]bool // of which none is chosen yet
	rows  []vault.Row
	total int64
}

// take reports whether it chose the row.
func (f *fresh) take(row vault.Row) bool {
	if len(row.Parts) == 0 || !f.packs[row.Parts[0].Pack] || len(f.rows) == most || f.total+row.Content.Size > least {
		return false
	}
	for _, p := range row.Parts {
		delete(f.packs, p.Pack)
	}
	f.rows, f.total = append(f.rows, row), f.total+row.Content.Size
	return true
}
