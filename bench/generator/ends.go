package generator

import (
	"strings"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/http1"
)

// judge tells the outcome of a result. Without a complete answer there is nothing
// for the workload to check; vegeta leaves only the error's text to tell why.
func (a Attack) judge(arrival int, r *vegeta.Result) bench.Answer {
	if r.Code != 0 {
		return a.Workload.Check(arrival, r)
	}
	for _, b := range brokenOff {
		if strings.Contains(r.Error, b.text) {
			return bench.Answer{Outcome: b.outcome, Case: b.what}
		}
	}
	return bench.Answer{Outcome: bench.Unreachable, Case: "connection broken"}
}

// The cases of arrivals that were bench.Unable to leave this machine.
const (
	NoDescriptor = "no file descriptor left on this machine"
	NoPort       = "no port left on this machine"
	NoMemory     = "no memory left for connections on this machine"
)

// brokenOff lists how an exchange can end without a whole answer, by what its error's
// text contains: the first entry that fits counts.
var brokenOff = []struct {
	text    string
	outcome bench.Outcome
	what    string
}{
	{http1.ConnectTimeout.String(), bench.Timeout, "not connected in time"},
	{"Client.Timeout", bench.Timeout, "no answer in time"},
	{"deadline exceeded", bench.Timeout, "no answer in time"},
	{"i/o timeout", bench.Timeout, "no answer in time"},
	{http1.Timeout.String(), bench.Timeout, "no answer in time"},
	// These are this machine's limits, not the server's: the request never left.
	{"too many open files", bench.Unable, NoDescriptor},
	{"cannot assign requested address", bench.Unable, NoPort},
	{"can't assign requested address", bench.Unable, NoPort},
	{"no buffer space available", bench.Unable, NoMemory},
	{"cannot allocate memory", bench.Unable, NoMemory},
	{"connection refused", bench.Unreachable, "connection refused"},
	{http1.NoConnection.String(), bench.Unreachable, "no connection"},
	// The server closed an idle connection as a request came. Whether it acted on the
	// request is not known, so it was not sent again.
	{http1.BrokenKept.String(), bench.Unreachable, "kept connection broken after the request was sent"},
	{http1.BrokenNew.String(), bench.Unreachable, "new connection broken after the request was sent"},
	{http1.BrokenAnswer.String(), bench.Unreachable, "connection broken within the answer"},
	{"malformed HTTP", bench.Unreachable, "not HTTP"},
}
