// Package capacityrun searches what servers carry under limits: it starts them, plans the
// search, says what it will cost, runs its trials and stores each. What is asked next and
// what the trials show is known to bench/capacity/searches; here is what has to be done
// for it: starts, loads, waits, and the early end of trials that have failed beyond doubt.
package capacityrun
