// Package searches is where a stored run meets the search for capacity that it holds. It
// says whether a trial kept the limits, which trial is next, and what all trials together
// show. A run carries its rule, so that the answer is the same a year later, and a search
// that was interrupted goes on where it stood: the same trials lead to the same questions.
//
// Beside the trials that bench/capacity asks for there are control trials at a low rate:
// one at the beginning, one after every trial that failed, and one now and then. They
// verify that a server comes back after overload, which some never do (metastable
// failure: Bronson et al., HotOS 2021), and show whether the table that grows under the
// search makes the server slower.
//
// It measures nothing and prints nothing.
package searches
