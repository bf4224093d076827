// Package lapses has the planted faults in what the authorization server knows and
// says, each as the answer to one question that the server asks at the place where it
// would otherwise do what is right. Lapses of which none is planted answer every question
// that way.
//
// What a lapse remembers is in memory: a restart forgets.
package lapses
