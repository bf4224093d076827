// Package upgrade rehearses a blue-green upgrade of an authorization server: the
// database of the old server, blue, is copied while it serves, the copy is migrated, the
// new server, green, starts on it, what was revoked meanwhile is replayed, and all
// requests go to green. Blue's copy knows nothing of what happened after it, and a
// migration may do to sessions what nobody asked for; so every token and session that
// was ever made is in a Ledger with the state that it must have, and all are asked.
//
// The pieces: a journal.Journal has each act that must not be lost before its request leaves. A
// Switch in the client says which side an arrival goes to. A Rehearsal does the steps
// and keeps the ledger; Findings say what was wrong, each by one name, and only of what
// was asked.
//
// The package knows no server, no database and no container: a Side is all that it sees
// of a server, and an Upgrade does the steps in between.
package upgrade
