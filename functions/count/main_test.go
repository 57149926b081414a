package main

import (
	"testing"

	"coffer/scripts/local/localtest"
	"coffer/shared/boot"
	"coffer/shared/env"
)

func TestEventsAreCountedOrGivenBack(t *testing.T) {
	cloud := localtest.Start(t)
	t.Setenv(string(env.TasksTable), cloud.Table(t, localtest.Due))
	h := handler(&boot.App{AWS: cloud.AWS})
	localtest.Deliver(t, "count", h, "malformed.json")
}
