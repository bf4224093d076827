// Package stats holds the statistics that a comparison of two versions needs:
// numbers in, numbers out.
//
// It knows nothing of requests, servers, trials or units of time. Every
// function is pure, names its source, and may be called from any number of
// goroutines; none modifies its arguments. Distributions come from gonum;
// exact laws (signed rank, Fisher, group-sequential levels) are computed here
// and tested against full enumeration.
//
// A sample with NaN is taken for an empty one by the rank tests, where nothing is known;
// elsewhere it has no meaningful answer. Functions say in their comment what they
// answer for an empty sample. Where a number does not exist (a confidence
// bound from four observations at 5 %) the answer is an infinity with the
// level 0, never a made-up figure.
package stats
