// Package wiring puts together parts that the mains of several functions are
// made of. Like boot, it reads settings, exits where one is missing, and is
// imported by mains alone.
package wiring

import (
	"context"

	"coffer/shared/boot"
	"coffer/shared/box"
	"coffer/shared/env"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// Box returns what it takes to speak to Box: Coffer's own credentials there and
// Box's addresses.
func Box(app *boot.App) (box.App, box.Config) {
	var credentials box.App
	app.Secret(env.BoxSecret, &credentials)
	return credentials, box.Config{
		API:     app.Setting(env.BoxAPI),
		Upload:  app.Setting(env.BoxUpload),
		Account: app.Setting(env.BoxAccount),
	}
}

// Vault returns what opens the vaults of tasks. Without an index of contents,
// only catalogs can be read.
func Vault(objects vault.Objects, contents vault.Index, ring vault.Keys) func(context.Context, task.Task) (*vault.Vault, error) {
	return func(ctx context.Context, t task.Task) (*vault.Vault, error) {
		return vault.Open(ctx, vault.ID{Account: t.Account, Task: t.ID}, t.VaultKey, objects, contents, ring)
	}
}
