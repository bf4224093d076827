// Package scaling fits how capacity grows with the number of instances of a server on one
// database, by the Universal Scalability Law (Gunther 2007),
//
//	X(N) = g*N / (1 + a*(N-1) + b*N*(N-1)),
//
// where a is contention (what instances wait for in turn) and b coherency (what they must
// tell each other): with b above 0 there is a number of instances beyond which more of them
// carry less.
//
// The law is linear in N/X. Estimates are the least squares under the bound that no
// coefficient is negative, with weights (X/N)^2, for capacities scatter in proportion.
// Intervals are those of the fit without the bound, by Student's t and Fieller's theorem,
// cut at 0: they have their coverage also where a coefficient is 0, which intervals from
// residuals that are drawn around a bounded fit have not. Nothing is said beyond twice the
// largest number that was measured.
//
// It measures nothing and knows nothing of servers. Instances that share cores compete for
// them: then a is what the machine lacks, and nothing that more machines would show.
package scaling
