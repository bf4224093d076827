// Package engine is a connection to the container engine, and what of the engine
// belongs to us: images, the labels and names of all that is made, and its removal.
//
// What is made here bears labels that say whose it is, and a name of ours. Both are
// asked for before anything is removed, because labels are inherited: an image built
// from one of ours has ours, and a container made of that image has them too.
//
// The package knows nothing of servers and databases.
package engine
