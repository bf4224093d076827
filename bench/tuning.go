package bench

import "time"

// Tuning is how the generator set itself up for a trial.
type Tuning struct {
	Pacing Pacing `json:"pacing"`
	// Spin is the last part of each wait, spent looking at the clock.
	Spin time.Duration `json:"spin_ns,omitempty"`
	// Grain is the least time from one wake-up to the next: arrivals due meanwhile leave
	// together, late by up to as much. 0 wakes for each arrival.
	Grain time.Duration `json:"grain_ns,omitempty"`
	// Processors is GOMAXPROCS: how many cores its Go code may use at once, beside the loop's thread.
	Processors int `json:"gomaxprocs"`
	// CPUs are those that it was bound to, "" for none.
	CPUs CPUList `json:"cpus,omitempty"`
	// Priority is what its threads had of what was asked for.
	Priority Priority `json:"priority,omitempty"`
}

// Priority is how soon the system lets the generator's threads run when they wake up.
type Priority string

// Priorities.
const (
	NoPriority Priority = ""            // that of every other program
	ShortSlice Priority = "short-slice" // they want the processor for little at a time, and so get it sooner
	RealTime   Priority = "real-time"   // they come before every other program
)
