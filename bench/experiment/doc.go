// Package experiment runs trials in a given order, each one load on one deployment, and
// tells with each what the machine did meanwhile.
//
// Blocks and FreshPairs draw the order, an Experiment runs it and hands every trial to its
// Store as it ends, and a Progress tells others how far it is. A Side is one deployment as
// the experiment drives it; FindCapacity measures what it can carry. Which trials must not
// count is decided here, from what the machine and the generator did and never from how
// the server behaved. What the trials mean is package verdict's.
package experiment
