package sqs

import "container/heap"

// sorted is a heap whose elements know their place in it, so that any of them
// can be taken out.
type sorted[T any] struct {
	before func(a, b T) bool
	place  func(T) *int
	items  []T
}

func (s *sorted[T]) Len() int           { return len(s.items) }
func (s *sorted[T]) Less(i, j int) bool { return s.before(s.items[i], s.items[j]) }

// Swap implements heap.Interface.
func (s *sorted[T]) Swap(i, j int) {
	s.items[i], s.items[j] = s.items[j], s.items[i]
	*s.place(s.items[i]), *s.place(s.items[j]) = i, j
}

// Push implements heap.Interface; use add.
func (s *sorted[T]) Push(x any) {
	*s.place(x.(T)) = len(s.items)
	s.items = append(s.items, x.(T))
}

// Pop implements heap.Interface; use remove.
func (s *sorted[T]) Pop() any {
	var none T
	last := len(s.items) - 1
	x := s.items[last]
	s.items[last] = none // or it would keep what x points to
	s.items = s.items[:last]
	return x
}

func (s *sorted[T]) add(x T)    { heap.Push(s, x) }
func (s *sorted[T]) remove(x T) { heap.Remove(s, *s.place(x)) }
func (s *sorted[T]) fix(x T)    { heap.Fix(s, *s.place(x)) }

// first returns the smallest element, if there is one.
func (s *sorted[T]) first() (x T, ok bool) {
	if len(s.items) == 0 {
		return x, false
	}
	return s.items[0], true
}
