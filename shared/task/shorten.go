package task

import "time"

// Shortening is how long a task kept things before somebody made it keep them for
// less. As long as what was deleted could be brought back, that governs still, so
// that whoever is told can set it back before anything is gone.
type Shortening struct {
	Retention   Retention
	ArchiveDays int
	Until       time.Time
}

// shortened returns the shortening that is not in force yet.
func (t Task) shortened(now time.Time) *Shortening {
	if t.Shortened == nil || !now.Before(t.Shortened.Until) {
		return nil
	}
	return t.Shortened
}

// Expired returns the time before which snapshots have expired at now: the zero
// time where none has.
func (t Task) Expired(now time.Time) time.Time {
	from := t.Retention.From(now)
	if s := t.shortened(now); s != nil {
		if was := s.Retention.From(now); was.Before(from) {
			return was
		}
	}
	return from
}

// Archives returns how many days the backups of Box users who left are kept at
// now; 0 is for good.
func (t Task) Archives(now time.Time) int {
	if s := t.shortened(now); s != nil && fewerDays(t.ArchiveDays, s.ArchiveDays) {
		return s.ArchiveDays
	}
	return t.ArchiveDays
}

// fewerDays compares days of which 0 is for good.
func fewerDays(a, than int) bool { return a != 0 && (than == 0 || a < than) }

// shorter reports whether the policy keeps anything for less than s.
func (p Policy) shorter(s Shortening, now time.Time) bool {
	return p.Retention.Shorter(s.Retention, now) || fewerDays(p.ArchiveDays, s.ArchiveDays)
}

// kept is the task as it is to be, as far as that says how long it keeps things.
func (t Task) kept(s Settings, was *Shortening) Task {
	t.Shortened = was
	if s.Name != nil {
		t.Name = *s.Name
	}
	if s.Change.Retention != nil {
		t.Retention = *s.Change.Retention
	}
	if s.Change.ArchiveDays != nil {
		t.ArchiveDays = *s.Change.ArchiveDays
	}
	return t
}

// shorten returns what of the time before governs when the policy is changed: nil
// where nothing is kept for less than it was. Grace begins anew with each change
// to less. A task that was never connected has nothing to lose.
func (t Task) shorten(c PolicyChange, now time.Time) *Shortening {
	if t.Enterprise == "" {
		return nil
	}
	is := Shortening{Retention: t.Retention, ArchiveDays: t.ArchiveDays}
	was := is
	if s := t.shortened(now); s != nil {
		if was = *s; was.Retention.Shorter(is.Retention, now) {
			was.Retention = is.Retention
		}
		if fewerDays(was.ArchiveDays, is.ArchiveDays) {
			was.ArchiveDays = is.ArchiveDays
		}
	}
	to := t.kept(Settings{Change: c}, nil).Policy
	switch {
	case !to.shorter(was, now):
		return nil
	case to.shorter(is, now):
		was.Until = now.Add(Grace)
	}
	return &was
}
