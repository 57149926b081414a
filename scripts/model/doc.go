// Package model plays random sequences of what people do in Box and of what
// Coffer does, and compares everything with a model of both: what Box holds,
// what every snapshot has to show, which snapshots there are, what a restore
// brings back, and that nothing is left of a deleted task. It has tests only.
//
//	go test ./scripts/model -sequences 1000 -seed 7
//
// A sequence that differs is made shorter, by leaving out what is not needed for
// it to differ, and printed.
package model
