// Package bench has the words and the records of measuring: what a load is, when its
// arrivals are due, what became of them, and how a run is stored and read back. It
// sends nothing and looks at no machine, so whoever reads a stored run imports only this.
// It knows no OAuth, no container and no output format.
//
// Package generator sends a load and fills these records, package experiment runs trials
// in order, package verdict decides from what they hold.
//
// # Words
//
// Each has one meaning, here and everywhere in oauthbench.
//
//	arrival         one planned request
//	intended start  when the schedule says the arrival is due
//	send            when the request left
//	send lag        send - intended start
//	service time    last byte - send
//	response time   last byte - intended start; every headline P50/P95/P99 is this
//	offered rate    what the schedule asks for, arrivals per second
//	achieved rate   what was completed with the expected answer, per second
//	load            arrival process, streams with their rates, lead-in, duration
//	stream          the arrivals of one scenario within a load
//	trial           one load on one deployment: one set of histograms
//	pair            two adjacent trials, baseline and candidate, same schedule and seed
//	block           two pairs in the order ABBA or BAAB, by coin flip
//	epoch           freshly started servers, warm-up, then blocks
//	run             all epochs; one directory on disk
//	deployment      one running authorization server with its database
//	outcome         OK, Rejected, Invalid, Timeout, Unreachable or Unable (see Outcome)
//
// # One arrival
//
//	intended start      send                      last byte
//	      |--- send lag ---|------ service time ------|
//	      |-------------- response time --------------|
//	      0                                            time
//
// A closed-loop tool measures service time only: when the server stalls, the
// arrivals that should have come during the stall are never sent, and the stall
// counts once instead of once for everybody who waited (coordinated omission,
// Gil Tene, "How NOT to Measure Latency"). Response time counts each arrival from
// the moment it was due, whatever kept it from leaving.
//
// # What is claimed
//
// Percentiles are of response time over all arrivals of a trial after its
// lead-in. An arrival that did not end in OK counts as max(observed, timeout), so
// that a server cannot look fast by failing fast. Histograms have three
// significant digits in nanoseconds: a quantile is off by at most 0.1 %.
// Percentiles are never averaged: headlines come from merged histograms,
// inference from the quantiles of single trials.
//
// # What is not claimed
//
// Latency is what one client on this machine saw. Generator and server may share
// cores; what each used, and what others took, is recorded with every trial.
package bench
