package vault

// SetSizes makes packs and parts small, so that tests can have many.
func (v *Vault) SetSizes(pack, part int64) { v.packSize, v.partSize = pack, part }
