package boxsim

import (
	"time"
	_ "time/tzdata" // the zone must be there on every machine
)

// pacific is the zone of every enterprise, so that clients see offsets change
// between summer and winter.
var pacific = func() *time.Location {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		panic(err)
	}
	return zone
}()
