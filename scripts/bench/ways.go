package main

import (
	"context"
	"maps"
)

// kind is what a call costs, and so how often it is made.
type kind int

// The kinds, in the order in which they are measured.
const (
	read kind = iota + 1
	write
	hashing // of a password, slow by intent
)

func (k kind) calls() int {
	return [...]int{read: 200, write: 30, hashing: 20}[k]
}

func (k kind) String() string {
	return [...]string{read: "read", write: "write", hashing: "password"}[k]
}

// way is how an operation is called.
type way struct {
	kind kind
	note string // what sets it apart from another way
	// call calls the operation once, for the nth time, and whatever else it
	// takes.
	call func(ctx context.Context, h *house, op operation, n int) error
}

// ways returns how operations are called by their ids.
func ways() map[string][]way {
	all := access()
	maps.Copy(all, onTasks())
	maps.Copy(all, onRecovery())
	return all
}

// get is the way to read with a query, which may hold names of ids in braces.
func get(query string) way {
	return way{read, query, func(ctx context.Context, h *house, op operation, _ int) error {
		return h.Call(ctx, op.Method, h.path(op.Path+query), nil, nil)
	}}
}

// send is the way to call with a body, which depends on the house and the
// call's number.
func send(k kind, note string, body func(h *house, n int) any) way {
	return way{k, note, func(ctx context.Context, h *house, op operation, n int) error {
		return h.Call(ctx, op.Method, h.path(op.Path), body(h, n), nil)
	}}
}
