// Package oauth is the client's side of the OAuth 2.0 wire: endpoints and their
// discovery (RFC 8414), how a caller authenticates, how a request is encoded and
// how an answer is read. It knows nothing of load, measurement or any one server.
//
// Everything that is encoded here is encoded once, before a clock starts: a
// Request is complete bytes, ready to be sent as often as a workload needs it.
package oauth
