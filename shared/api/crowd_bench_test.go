package api_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/task"
)

var boxUsers = flag.Int("users", 20_000, "how many Box users BenchmarkCrowd has")

// BenchmarkCrowd asks the API for what the portal asks for of a task of 20,000 Box
// users, or of as many as -users says, before and after they were ever counted.
func BenchmarkCrowd(b *testing.B) {
	now := time.Now()
	c := newCrowded(b, *boxUsers, func(i int) task.BoxUser {
		return task.BoxUser{
			ID: backup.BoxUserID(fmt.Sprint(20_000_000_000 + i*7919)), Name: fmt.Sprintf("Some%x Body%x", i*i%4099, i*31%977),
			Login: fmt.Sprintf("some%x.body%x@acme.example", i*i%4099, i*31%977), Status: backup.Success, Active: true, Catalog: make([]byte, 400),
			Items: int64(i * i % 100_003), Size: int64(i%65536) << 20, FirstBackup: now.Add(-time.Hour), LastBackup: now.Add(-time.Duration(i) * time.Millisecond),
		}
	})
	ask := func(name, path string) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c.who.ok("GET", path, nil, nil)
			}
		})
	}
	ask("list/rows", c.path+"/users?limit=50")
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			c.count()
		}
	})
	ask("list/roster", c.path+"/users?limit=50")
	ask("list/largest", c.path+"/users?limit=50&sort=size&order=desc")
	ask("list/searched", c.path+"/users?limit=50&q=BODY3&status=Success")
	ask("task", c.path)
}
