package upgrade

import "time"

// Reading is what a server had spent, and held, at one time. What is not told is 0.
type Reading struct {
	At         time.Time     `json:"at"`
	Place      Place         `json:"place"`
	CPU        time.Duration `json:"cpu_ns"` // since its start
	RSS        int64         `json:"rss_bytes"`
	Heap       int64         `json:"heap_bytes"`
	Goroutines int64         `json:"goroutines"`
}

// readEvery is how often a server is asked for a Reading while it carries the load alone.
const readEvery = time.Second

// Unit is what a Change is in.
type Unit string

// Units. Times are in nanoseconds.
const (
	UnitTime  Unit = "time"
	UnitBytes Unit = "bytes"
	UnitCount Unit = "count"
	UnitCores Unit = "cores"
)

// Change is one figure of blue alone and of green alone, under the same load.
type Change struct {
	What   string `json:"what"`
	Unit   Unit   `json:"unit"`
	Before Figure `json:"before"`
	After  Figure `json:"after"`
}

// Figure is a value with its interval: of a percentile the one that has it with 95 %, of what was
// read each second the lowest and the highest second. High is 0 where too little was seen.
type Figure struct {
	N     int     `json:"n"` // requests, or seconds
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}
