// Package faults plants faults in front of an HTTP handler, to see whether they are
// found: delays, stalls, errors. It knows nothing of what the handler answers; a server
// adds kinds of its own for what it says (Kind without Wrap), so that all of them are
// written and read in one way.
//
// Which events a random fault strikes follows from the seed and the event's number
// alone: the n-th request to an operation is struck in every run, or in none. Periods
// count from the start, and trouble comes at the end of each, so that a server starts well.
package faults
