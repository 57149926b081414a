// Package wiring puts together parts that the mains of several functions are
// made of. Like boot, it reads settings, exits where one is missing, and is
// imported by mains alone.
package wiring

import (
	"coffer/shared/boot"
	"coffer/shared/box"
	"coffer/shared/env"
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
