// Package sizing answers how many instances of a server a peak needs, from what was
// measured: what each operation costs in CPU, how much one instance carries under its
// limits, and how capacity grows with instances. It measures nothing, and what the data
// do not carry it refuses with the reason instead of a number.
//
// # Costs
//
// The CPU of a server is a constant plus a cost for each request of each operation:
//
//	cores = idle + sum over operations of rate * CPU-seconds per request
//
// Costs are fitted by least squares under the bound that none is negative (Lawson and
// Hanson 1974, chapter 23). Runs of one mix only cannot tell operations apart, because
// all rates are proportional: Costs then returns an error, and so it does when the runs
// are too much alike, by the condition number of the scaled rates.
//
// # Scaling
//
// Capacity over instances is fitted by the Universal Scalability Law (Gunther 2007),
//
//	X(N) = g*N / (1 + a*(N-1) + b*N*(N-1)),
//
// linear in N/X, with weights (X/N)^2 and no negative coefficient. Intervals come from a
// parametric bootstrap of log-normal residuals.
package sizing
