// Package lapses has the planted faults in what the authorization server knows and
// says, each as the answer to one question that the server asks at the place where it
// would otherwise do what is right. A nil *Lapses has none, answers every question that
// way and costs nothing; New gives nil when no such fault is planted.
//
// What a lapse remembers is in memory: a restart forgets.
package lapses
