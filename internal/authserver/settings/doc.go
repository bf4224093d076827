// Package settings describes the embedded authorization server as data: what it can be
// told (All, Parse), which faults can be planted in it (FaultKinds), what it can do
// (Settings.Capabilities) and where its interfaces are (Endpoints and the paths). The
// server follows it, and so do its container, its command line and its documentation,
// so that none of them repeats a default or a path by hand.
//
// A setting has one name in all servers; one that was known by another keeps it as an
// alias, and Canonical gives the name for either.
package settings
