package upgrade

import (
	"time"
)

// Operation is what an arrival of the load asks for.
type Operation string

// Operations of the load.
const (
	OpIssue      Operation = "issue" // a token of the client's own
	OpLogIn      Operation = "log in"
	OpIntrospect Operation = "introspect"
	OpRefresh    Operation = "refresh"
	OpRevoke     Operation = "revoke"
)

// Operations are all, in the order of reports.
func Operations() []Operation {
	return []Operation{OpIssue, OpLogIn, OpIntrospect, OpRefresh, OpRevoke}
}

// Load is the steady load through the switch while the steps are done.
type Load struct {
	Rate    float64               // arrivals a second; 0 is no load
	Mix     map[Operation]float64 // shares, of any sum
	Seed    uint64
	Timeout time.Duration // of one request
	// Watch are the limits beyond which a canary is taken back; zero for none.
	Watch Limits
}

// Limits are what green must keep.
type Limits struct {
	Errors *float64      // share of failed arrivals, from 0 to 1; nil is no limit
	P99    time.Duration // of the response time; 0 is no limit
}

// DefaultMix is half introspection, as resource servers ask more often than clients.
func DefaultMix() map[Operation]float64 {
	return map[Operation]float64{OpIssue: 15, OpLogIn: 15, OpIntrospect: 45, OpRefresh: 15, OpRevoke: 10}
}

// Outcome is how an arrival ended.
type Outcome string

// Outcomes.
const (
	Good    Outcome = "good"
	Failed  Outcome = "failed"  // a refusal of what must be granted, or nobody listens
	Timeout Outcome = "timeout" // no answer, or none in time
	Wrong   Outcome = "wrong"   // introspection said what is not so
)

// Sample is one arrival of the load.
type Sample struct {
	Due      time.Time     `json:"due"` // when it was to be sent
	Response time.Duration `json:"response_ns"`
	Op       Operation     `json:"op"`
	Place    Place         `json:"place"`
	Outcome  Outcome       `json:"outcome"`
	Why      string        `json:"why,omitempty"`
}
