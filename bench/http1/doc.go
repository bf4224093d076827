// Package http1 is an HTTP/1.1 client transport for load generation: the request is
// written and the answer read on the caller's own goroutine.
//
// net/http's Transport keeps two goroutines for each connection and hands every request
// and answer from one to another; http.Client.Timeout adds a context and a timer. On a
// machine that generator and server share, that is CPU taken from the server, and each
// hand-off is a scheduling delay that is counted as the server's. Here a round trip is a
// look whether the kept connection still lives, one write, and a read that waits.
//
// RoundTrip is for net/http's clients; Exchange does the same for a load, with nothing of net/http but the
// header of the answer.
//
// # What it promises
//
//   - A request of which a byte has left is never sent again. A kept connection is looked
//     at before it is used; one that dies all the same is an Error of kind BrokenKept,
//     not a silent second send: a refresh token, a code and a revocation count once.
//   - The timeout covers the whole exchange, from RoundTrip to the last byte of the body,
//     connecting included.
//   - What went wrong is told by Kind: no connection, broken before or within the answer,
//     too late, or not HTTP.
//   - Answers are read as strictly as net/http reads them, or more so. Refused beyond
//     net/http: versions other than HTTP/1.0 and 1.1, status codes that are not three
//     digits from 100, control bytes in the reason, folded header lines, names with
//     spaces, and 101, for nobody asked to switch.
//   - A connection is kept only when the whole answer was read and not a byte more came.
//
// # What it leaves to net/http
//
// HTTP/2, proxies, compression, Expect: 100-continue (the body is sent at once),
// httptrace, host names outside ASCII (refused), and request bodies that are streamed:
// a body is read to its end first and sent with its Content-Length in the same write as
// the head.
package http1
