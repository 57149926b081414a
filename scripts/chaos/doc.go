// Package chaos holds tests of the whole product on this machine, as the
// templates declare it, while things go wrong: functions and the runner are
// killed, messages come again and out of order, Box's authorisation ends, a
// file is larger than a function's memory. There is nothing in it but tests.
//
// They see the product from outside, through its API and its processes. Where a
// test looks further, it reads the records and the vault as other functions do.
//
// Time is not waited for. What a crash leaves behind is taken up when its lease
// of two minutes is over and the schedule function's minute comes: a test plays
// the clock by moving the lease's end into the past in the row itself, which
// nothing but time changes in, and calls the real schedule function.
//
// A campaign (TestCampaign) is all of that at once, drawn from a seed, with
// faults of every service besides, and everything checked at the end. Its faults
// come at the same places for the same seed only as far as processes run alike.
package chaos
