// Package loop does exchanges of plain HTTP/1.1 on one thread of the system: it sends each request when it is
// due, on one of several connections, and reads the answers, without waking up for each of them. It knows neither
// loads nor workloads: a Feed tells what is due, and takes what came back.
//
// # How it gets by with one wake-up
//
// Waking up is the largest part of what a request costs. A program that sends requests and waits for their answers
// wakes up twice for each: when it is due, and when its answer comes. Here the thread sleeps until the next request
// is due, and then reads what has come meanwhile. When an answer came it does not tell by its own clock but by the
// kernel's, which stamps what arrives (SO_TIMESTAMPNS of socket(7)): a time that is truer than one that is
// taken after a wake-up. It listens for answers where that would not do: when nothing is due for more than a
// millisecond, when requests wait for a free place, while an answer is here in part, while a connection is being
// made, and where the kernel has no stamps.
//
// # What it promises
//
// What bench/http1 promises, whose requests, answers and errors are used: a request of which a byte has left is
// never sent again; the timeout covers the whole exchange, connecting included; what went wrong is told by kind.
// A kept connection whose end was seen is not used: it is looked for with the answers, and before a request is
// sent on a line of which nothing was seen for 100 µs. A server that ends connections without saying so can still
// be sent a request that it does not answer, which is told as a broken kept connection.
//
// It is for Linux. Connections are made, and exchanges with TLS are done, on goroutines beside it.
package loop
