// Package sizing answers how many instances of a server a peak needs, from what was
// measured: what each operation costs in CPU, and how much one instance carries under its
// limits. It measures nothing, and what the data
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
package sizing
