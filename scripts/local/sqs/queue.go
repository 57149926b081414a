package sqs

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// state is where in its life a message is.
type state int

const (
	ready   state = iota // in its group's heap
	delayed              // in the heap of waiting messages, not received yet
	flying               // in the same heap, received and not deleted
)

// message is a message and its place in its queue. Its exported fields are in
// the journal.
type message struct {
	ID         string               `json:"id"`
	Body       string               `json:"b"`
	Attributes map[string]attribute `json:"a,omitempty"`
	Group      string               `json:"g,omitempty"`
	Trace      string               `json:"t,omitempty"`   // the X-Ray header it was sent with
	Source     string               `json:"src,omitempty"` // ARN of the queue it failed in
	Sent       time.Time            `json:"at"`
	Until      time.Time            `json:"until,omitzero"` // not visible before
	Received   int                  `json:"n,omitempty"`    // times
	First      time.Time            `json:"first,omitzero"` // received

	state  state
	order  uint64 // of arrival in the queue
	handle string // secret part of the newest receipt handle
	place  int    // in the group's heap or among the waiting
	age    int    // place in the heap by age
}

// group is the messages of one message group that are ready, and how many of
// it are in flight.
type group struct {
	ready  sorted[*message]
	flying int
	place  int
}

// queue holds messages so that each operation costs a logarithm of their
// number.
type queue struct {
	name       string
	attributes map[string]string
	tags       map[string]string
	created    time.Time
	modified   time.Time

	messages map[string]*message // by id
	groups   map[string]*group   // those with anything ready or in flight
	turns    sorted[*group]      // those with anything ready, the next first
	waiting  sorted[*message]    // by Until
	ages     sorted[*message]    // by Sent
	flying   int
	arrived  uint64
	wake     chan struct{} // closed when something has become ready
}

func newQueue(name string, now time.Time) *queue {
	q := &queue{
		name: name, created: now, modified: now,
		attributes: map[string]string{}, tags: map[string]string{},
		wake: make(chan struct{}),
	}
	q.clear()
	return q
}

// clear forgets all messages.
func (q *queue) clear() {
	q.messages, q.groups, q.flying = map[string]*message{}, map[string]*group{}, 0
	q.turns = sorted[*group]{place: func(g *group) *int { return &g.place }, before: func(a, b *group) bool {
		// A fair queue serves first who has least in flight, and among equals
		// who has waited longest.
		if a.flying != b.flying {
			return a.flying < b.flying
		}
		return a.ready.items[0].order < b.ready.items[0].order
	}}
	q.waiting = sorted[*message]{place: place, before: func(a, b *message) bool { return a.Until.Before(b.Until) }}
	q.ages = sorted[*message]{place: func(m *message) *int { return &m.age }, before: func(a, b *message) bool { return a.Sent.Before(b.Sent) }}
}

func place(m *message) *int { return &m.place }

// add takes a message in.
func (q *queue) add(m *message, now time.Time) {
	q.arrived++
	m.order = q.arrived
	q.messages[m.ID] = m
	q.ages.add(m)
	if m.Until.After(now) {
		m.state = delayed
		q.waiting.add(m)
		q.notify() // whoever waits may have to wait less long
		return
	}
	q.offer(m)
}

// offer makes a message ready.
func (q *queue) offer(m *message) {
	g := q.group(m)
	m.state = ready
	g.ready.add(m)
	if g.ready.Len() == 1 {
		q.turns.add(g)
	} else {
		q.turns.fix(g)
	}
	q.notify()
}

func (q *queue) notify() {
	close(q.wake)
	q.wake = make(chan struct{})
}

// group returns the group of a message, made if need be.
func (q *queue) group(m *message) *group {
	g, ok := q.groups[m.Group]
	if !ok {
		g = &group{ready: sorted[*message]{place: place, before: func(a, b *message) bool { return a.order < b.order }}}
		q.groups[m.Group] = g
	}
	return g
}

// next returns the message whose turn it is and leaves it where it is.
func (q *queue) next() (*message, bool) {
	g, ok := q.turns.first()
	if !ok {
		return nil, false
	}
	return g.ready.items[0], true
}

// fly puts a ready message in flight.
func (q *queue) fly(m *message, until time.Time) {
	q.leave(m)
	m.state, m.Until = flying, until
	q.waiting.add(m)
	q.count(m, 1)
}

// extend sets when a message in flight becomes visible again.
func (q *queue) extend(m *message, until, now time.Time) {
	q.leave(m)
	m.Until = until
	if until.After(now) {
		m.state = flying
		q.waiting.add(m)
		q.count(m, 1)
		q.notify() // it may come back sooner than whoever waits believes
		return
	}
	q.offer(m)
}

// remove takes a message out for good.
func (q *queue) remove(m *message) {
	q.leave(m)
	q.ages.remove(m)
	delete(q.messages, m.ID)
}

// leave takes a message out of the heap that its state puts it in.
func (q *queue) leave(m *message) {
	if m.state != ready {
		q.waiting.remove(m)
		if m.state == flying {
			q.count(m, -1)
		}
		return
	}
	g := q.groups[m.Group]
	if g.ready.Len() == 1 {
		q.turns.remove(g) // before it is empty, for it is sorted by its first
		g.ready.remove(m)
		q.forget(m.Group)
		return
	}
	g.ready.remove(m)
	q.turns.fix(g)
}

// count notes that a message of a group took off or landed.
func (q *queue) count(m *message, n int) {
	g := q.group(m)
	g.flying += n
	q.flying += n
	if g.ready.Len() > 0 {
		q.turns.fix(g)
	}
	q.forget(m.Group)
}

func (q *queue) forget(name string) {
	if g := q.groups[name]; g.ready.Len() == 0 && g.flying == 0 {
		delete(q.groups, name)
	}
}

// tidy makes ready what has waited long enough, and removes and returns what
// is too old to be kept.
func (q *queue) tidy(now time.Time) (expired []*message) {
	for {
		m, ok := q.waiting.first()
		if !ok || m.Until.After(now) {
			break
		}
		q.leave(m)
		q.offer(m)
	}
	retention := q.duration("MessageRetentionPeriod")
	for {
		m, ok := q.ages.first()
		if !ok || m.Sent.Add(retention).After(now) {
			return expired
		}
		q.remove(m)
		expired = append(expired, m)
	}
}

// inOrder returns all messages in the order of their arrival.
func (q *queue) inOrder() []*message {
	return slices.SortedFunc(maps.Values(q.messages), func(a, b *message) int { return cmp.Compare(a.order, b.order) })
}
