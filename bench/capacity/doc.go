// Package capacity finds the highest rate at which a server keeps its limits (SLOs),
// and says how sure that is. It knows nothing of servers and sends nothing: a Search
// says which trial to run next and is told whether the trial kept the limits; a Curve
// is fitted to all trials afterwards.
//
// # The search
//
// Trials go through four phases.
//
//  1. Ramp: from the first rate upwards in steps of a quarter, until a failure is
//     confirmed by the majority of three trials. When the very first rate fails, the
//     ramp goes downwards instead, each step twice the one before.
//  2. Bisection: between the highest rate that held and the lowest that failed, by
//     majority of five, until the two are 5 % apart.
//  3. Confirmation: five trials at the rate that held, over two fresh starts of the
//     server. Four must hold; else the rate is lowered by 5 % and confirmed again. Where a
//     server fails softly that may be chance: a curve through all trials, of which some may
//     fail at any rate, must say with 95 % that the rate is at most 5 % above the one at
//     which half of them hold, else it is lowered as well.
//  4. Soak: one long trial at nine tenths of the certified rate.
//
// A trial that has failed beyond doubt may be ended early by whoever runs it: the
// search asks for nothing but "held" or "failed". A search is resumed by telling a new
// one what the trials so far were: the same answers lead to the same questions.
//
// # The curve
//
// Bisection leaves a bracket, which is no interval. Curve takes every trial, failures
// included, as a draw with a probability of holding that falls with the logarithm of
// the rate (logistic regression), and gives the rates at which half and nine tenths of
// trials hold, with intervals. The posterior is computed on a grid with weak priors, so
// that trials which are perfectly separated, as on a quiet machine, still have an
// interval (Gelman et al. 2008, a weakly informative default prior for logistic
// regression).
package capacity
