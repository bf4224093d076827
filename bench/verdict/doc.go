// Package verdict decides whether a candidate version may replace a baseline:
// plain numbers in, a Verdict with reasons out.
//
// It knows the design of the experiment (pairs, epochs, planned looks), the
// operations by name, their counts and per-trial quantiles. It knows no HTTP, no
// servers, no files and no plots, draws no random numbers and reads no clock:
// the same Input gives the same Verdict a year later.
//
// # How it decides
//
// In this order, and the first that applies is the decision:
//
//  1. Deaths and wrong answers. A single Invalid answer of the candidate (a revoked
//     token called active) is a regression, on any machine, in any run, however
//     short: a busy machine makes answers late, not wrong. So is a process that ended
//     under the load, where the baseline's did not. An SLO such as "revoke invalid < 5"
//     does not weaken this. Where the baseline is wrong in the same ways and as often,
//     the run has failed, and is a regression only if what follows makes it one.
//  2. Errors. The candidate's rejected, timed-out and unreachable requests are
//     more frequent than the baseline's beyond chance: regression. Above the limit
//     of Design.MostErrors, which the baseline keeps, beyond chance: regression; by no
//     more than chance: a pass is withheld. A missed SLO on counts: regression.
//  3. Costs. A cost per request above its margin beyond chance: regression, on a busy
//     machine too.
//  4. Validity. Nothing to compare, a deployment that never answered, or more
//     than a fifth of the pairs disturbed from outside: invalid. A missed SLO on times:
//     regression.
//  5. Percentiles. Each gating comparison is judged by exact signed-rank tests
//     on the logarithm of the ratio, one value per unit: it passes when a
//     slowdown as large as its margin is rejected; it regresses when "not
//     slower" is rejected and the estimate is at least the margin, or what it convicts
//     from where noise has chosen a wider margin (Comparison.Convicting). The run
//     passes when every gating comparison does, regresses when one does, and is
//     otherwise inconclusive.
//
// A pass is withheld (inconclusive) when the run was interrupted, when the
// baseline itself gave wrong answers or died, when what a version did could not be
// verified, when there was an outage within a trial, when a version was still warming
// up, when judging all pairs and judging the undisturbed pairs disagree, and when the
// baseline differs from itself within blocks (the negative control). The last three
// withhold a regression as well, except, for the control, one larger than the drift it
// found, and, for warming up, one that the later trials show alone.
//
// # Words
//
// A pair is two adjacent trials, one per version, with the same schedule. A
// block is two pairs in the order ABBA or BAAB. An epoch is a fresh start of
// both versions. The unit is what the inference counts: the epoch (Full) or the
// pair, which in Quick is an epoch of its own. Per-protocol means the pairs that no
// outside disturbance invalidated; intention-to-treat means all of them.
package verdict
