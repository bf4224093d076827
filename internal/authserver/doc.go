// Package authserver is the embedded OAuth 2.0 authorization server: the default
// target of a comparison and the fixture of every test. The protocol engine is
// github.com/zitadel/oidc's op; this package gives it SQL storage, an admin
// interface, and stricter answers where op leaves the RFCs (each such place cites
// the section).
//
// Two generations differ the way Hydra 1.x and 2.x do: v1 hashes client secrets
// with BCrypt and keeps every token in one table, v2 hashes with PBKDF2 and keeps
// grants, access tokens and refresh tokens apart. They share one chain of
// migrations, so that v2 can open what v1 has written. v1 is also older: device flow
// (RFC 8628), token exchange (RFC 8693) and DPoP (RFC 9449) came with v2, and
// Settings.Capabilities says so.
//
// What it can be told is in the package settings, what it stores in store, the faults
// that can be planted in what it says in lapses. Open gives a server inside this
// process; the package process serves it, in a process of its own if wanted. It knows
// nothing of load, measurement or reports.
//
// Note: op logs through the default logger of log/slog: routes at Info, refused
// requests at Warn, its own faults at Error. A process that serves sets the level;
// this package leaves the process-wide logger alone.
package authserver
