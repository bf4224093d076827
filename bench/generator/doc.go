// Package generator sends the arrivals of one load when they are due and records what
// came back. It knows no OAuth: a Workload makes the requests and judges the answers. It
// does not know what a trial is for, or which deployment is the better one.
//
// An Attack is one schedule of one workload through one Client. Its pacer releases each
// arrival at its intended start; the client's loop sends it (package loop), or a team of workers where that does not
// apply; and a Recorder adds the result to histograms of its operation. Tune sets the process up
// for a load and takes everything back afterwards. Workloads and results are vegeta's:
// its Target is what is sent, its Result what came back.
//
// What a request costs the generator is taken from the server that is measured, wherever
// they share cores: docs/performance.md has the figures.
package generator
