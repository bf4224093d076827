package http1

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const whole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

// serverCase is a server as it may be, or as it should not be. Two requests are sent, one after the
// other; want is the outcome of each.
type serverCase struct {
	name   string
	method string // "" is POST
	size   int    // of the request's body
	script func(c *client, n int)
	want   [2]string
	conns  int64      // connections that were made
	on     []wireKind // nil is everywhere
	leaves bool       // the script says when it has ended a connection that was kept
	late   bool       // the timeout is waited for
	// std is what net/http's transport makes of it, where that differs on purpose.
	std [2]string
}

// skipped is what net/http is not asked: whether it has noticed that a connection ended
// is a matter of its goroutines, and it has the body of a 101 go on for ever.
var skipped = twice("skipped")

var servers = []serverCase{
	{name: "keeps its connection", conns: 1, want: twice("200 OK hello"),
		script: answering(whole)},
	{name: "answers in chunks", conns: 1, want: twice("200 OK hello you"),
		script: answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: " +
			"Sum\r\n\r\n5\r\nhello\r\n4;why=\"not\"\r\n you\r\n0\r\nSum: 9\r\n\r\n")},
	{name: "answers until the connection ends", conns: 2, want: twice("200 OK hello"),
		script: once("HTTP/1.1 200 OK\r\n\r\nhello")},
	{name: "says that it will close, and does not", conns: 2, want: twice("200 OK hello"),
		script: answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello")},
	{name: "speaks HTTP/1.0", conns: 2, want: twice("200 OK hello"),
		script: answering("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello")},
	{name: "speaks HTTP/1.0 and keeps the connection", conns: 1, want: twice("200 OK hello"),
		script: answering("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello")},
	{name: "gives hints first", conns: 1, want: twice("200 OK hello"),
		script: answering("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + whole)},
	{name: "switches protocols", conns: 2, want: twice(Malformed.String()), std: skipped,
		script: answering("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")},
	{name: "has no content", conns: 1, want: twice("204 No Content"),
		script: answering("HTTP/1.1 204 No Content\r\n\r\n")},
	{name: "has nothing new", conns: 1, want: twice("304 Not Modified"),
		script: answering("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n")},
	{name: "answers HEAD", method: "HEAD", conns: 1, want: twice("200 OK"),
		script: answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")},
	{name: "repeats the length", conns: 1, want: twice("200 OK hello"),
		script: answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello")},
	{name: "drips its answer", conns: 1, want: twice("200 OK hello"), script: func(c *client, _ int) {
		for c.request() {
			for i := range len(whole) {
				c.say(whole[i : i+1])
			}
		}
	}},

	// Kept connections that do not live any more.
	{name: "closes after its answer", leaves: true, conns: 2, want: twice("200 OK hello"),
		script: once(whole)},
	{name: "resets after its answer", leaves: true, conns: 2, want: twice("200 OK hello"),
		script: func(c *client, _ int) {
			c.request()
			c.say(whole)
			c.reset()
		}},
	{name: "half closes after its answer", leaves: true, conns: 2, want: twice("200 OK hello"),
		on: []wireKind{plain, tls13, tls12}, script: func(c *client, _ int) {
			c.request()
			c.say(whole)
			c.halfClose()
			c.hold()
		}},
	{name: "says more than it was asked", conns: 2, want: twice("200 OK hello"), script: func(c *client, _ int) {
		c.request()
		c.say(whole + "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
		c.hold()
	}},

	// Connections that break.
	{name: "closes instead of answering", conns: 2, want: twice(BrokenNew.String()), script: func(c *client, _ int) {
		c.request()
	}},
	{name: "resets instead of answering", conns: 2, want: twice(BrokenNew.String()),
		on: []wireKind{plain, tls13, tls12}, script: func(c *client, _ int) {
			c.request()
			c.reset()
		}},
	{name: "closes on the second request", conns: 1, want: [2]string{"200 OK hello", BrokenKept.String()}, std: skipped,
		script: func(c *client, _ int) {
			c.request()
			c.say(whole)
			c.request()
		}},
	{name: "resets on the second request", conns: 1, want: [2]string{"200 OK hello", BrokenKept.String()},
		on: []wireKind{plain, tls13, tls12}, std: skipped, script: func(c *client, _ int) {
			c.request()
			c.say(whole)
			c.request()
			c.reset()
		}},
	{name: "closes within the head", conns: 2, want: twice(BrokenAnswer.String()),
		script: once("HTTP/1.1 200 OK\r\nContent-Le")},
	{name: "closes within the body", conns: 2, want: twice(BrokenAnswer.String()), script: once(whole[:len(whole)-2])},
	{name: "closes within a chunk", conns: 2, want: twice(BrokenAnswer.String()),
		script: once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")},
	{name: "closes between chunks", conns: 2, want: twice(BrokenAnswer.String()),
		script: once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")},
	{name: "resets within the body", conns: 2, want: twice(BrokenAnswer.String()), on: []wireKind{plain, tls13, tls12},
		script: func(c *client, _ int) {
			c.request()
			c.say(whole[:len(whole)-2])
			c.reset()
		}},

	// Servers that answer before they were asked everything.
	{name: "refuses a large request and closes", size: 8 << 20, conns: 2, want: twice("413 Too Large no"),
		on: []wireKind{plain, tls13, tls12}, script: func(c *client, _ int) {
			c.early("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
			c.hold()
		}},
	{name: "refuses a large request and reads no more", size: 8 << 20, conns: 2, want: twice("413 Too Large no"),
		on: []wireKind{plain, tls13, tls12}, script: func(c *client, _ int) {
			c.early("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
			c.deaf()
		}},
	{name: "reads a large request", size: 8 << 20, conns: 1, want: twice("200 OK hello"),
		script: answering(whole)},

	// Servers that are late.
	{name: "never answers", late: true, conns: 2, want: twice(Timeout.String()), script: func(c *client, _ int) {
		c.request()
		c.hold()
	}},
	{name: "never reads", size: 8 << 20, late: true, conns: 2, want: twice(Timeout.String()),
		script: func(c *client, _ int) { _, _ = c.in.Peek(1); c.deaf() }},
	{name: "stops within the body", late: true, conns: 2, want: twice(Timeout.String()),
		script: func(c *client, _ int) {
			c.request()
			c.say(whole[:len(whole)-1])
			c.hold()
		}},
	{name: "drips for ever", late: true, conns: 2, want: twice(Timeout.String()), script: func(c *client, _ int) {
		c.request()
		c.say("HTTP/1.1 200 OK\r\n\r\n")
		for {
			if _, err := c.Write([]byte("x")); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}},

	// Answers that are none. The server stays: nobody waits for the timeout.
	{name: "is a server of another kind", conns: 2, want: twice(Malformed.String()),
		script: holding("SSH-2.0-OpenSSH_9.9\r\n")},
	{name: "sends a header line without a colon", conns: 2, want: twice(Malformed.String()),
		script: holding("HTTP/1.1 200 OK\r\nnonsense\r\n")},
	{name: "contradicts itself about the length", conns: 2, want: twice(Malformed.String()),
		script: holding("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")},
	{name: "gives a length that is none", conns: 2, want: twice(Malformed.String()),
		script: holding("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello")},
	{name: "uses an unknown coding", conns: 2, want: twice(Malformed.String()),
		script: holding("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")},
	{name: "gives a chunk size that is none", conns: 2, want: twice(Malformed.String()),
		script: holding("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\nhello\r\n")},
	{name: "ends a chunk late", conns: 2, want: twice(Malformed.String()),
		script: holding("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n")},
	{name: "has a head without end", conns: 2, want: twice(Malformed.String()), script: func(c *client, _ int) {
		c.request()
		c.say("HTTP/1.1 200 OK\r\n")
		for range 100 {
			c.say("X: " + strings.Repeat("x", 1<<10) + "\r\n")
		}
		c.hold()
	}},
	{name: "has one header line without end", conns: 2, want: twice(Malformed.String()),
		script: func(c *client, _ int) {
			c.request()
			c.say("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 100<<10))
			c.hold()
		}},
	{name: "hints for ever", late: true, conns: 2, want: twice(Malformed.String()), std: twice(timedOut),
		script: func(c *client, _ int) {
			c.request()
			for range 6 {
				c.say("HTTP/1.1 103 Early Hints\r\n\r\n")
			}
			c.hold()
		}},
}

func twice(s string) [2]string { return [2]string{s, s} }

func answering(text string) func(*client, int) {
	return func(c *client, _ int) {
		for c.request() {
			c.say(text)
		}
	}
}

func once(text string) func(*client, int) {
	return func(c *client, _ int) { c.request(); c.say(text); c.close() }
}

func holding(text string) func(*client, int) {
	return func(c *client, _ int) { c.request(); c.say(text); c.hold() }
}

func TestServers(t *testing.T) {
	for _, late := range []bool{false, true} { // waiting for timeouts, all at once, when nothing else runs
		var all sync.WaitGroup
		for _, s := range servers {
			for _, kind := range []wireKind{plain, tls13, tls12, pipes} {
				if s.late == late && (s.on == nil || slices.Contains(s.on, kind)) {
					all.Go(func() { t.Run(s.name+"/"+string(kind), func(t *testing.T) { s.test(t, kind) }) })
				}
			}
		}
		all.Wait()
	}
}

// ServersBy has requests to each server, on plain connections, sent in another way: open returns what sends
// one and tells its outcome, as ask does.
func ServersBy(t *testing.T, open func(timeout time.Duration,
	maxHead int) (ask func(method, url, body string) string)) {
	for _, late := range []bool{false, true} {
		var all sync.WaitGroup
		for _, s := range servers {
			if s.late == late && (s.on == nil || slices.Contains(s.on, plain)) {
				all.Go(func() {
					t.Run(s.name, func(t *testing.T) {
						s.within(t, func(timeout time.Duration) (wrong []string) {
							return s.ask(serve(t, plain, s.script), open(timeout, maxHeadHere))
						})
					})
				})
			}
		}
		all.Wait()
	}
}

// within tries this server: where timeouts are waited for, with a longer one as long as something is wrong, for a
// machine that others use may let a short one pass before the part of an exchange that is meant.
func (s serverCase) within(t *testing.T, try func(timeout time.Duration) (wrong []string)) {
	timeouts := []time.Duration{30 * time.Second}
	if s.late {
		timeouts = []time.Duration{time.Second, 6 * time.Second, 30 * time.Second}
	}
	var wrong []string
	for _, timeout := range timeouts {
		if wrong = try(timeout); len(wrong) == 0 {
			return
		}
	}
	t.Error(strings.Join(wrong, "\n"))
}

// request is what this server is asked.
func (s serverCase) request() (method, body string) {
	return cmp.Or(s.method, "POST"), strings.Repeat("x", max(s.size, 10))
}

// ask sends the requests, and tells what is wrong.
func (s serverCase) ask(server *server, ask func(method, url, body string) string) (wrong []string) {
	method, body := s.request()
	for i, want := range s.want {
		if got := ask(method, server.url, body); got != want {
			wrong = append(wrong, fmt.Sprintf("request %d: %s; want %s", i+1, got, want))
		}
		if s.leaves && i == 0 {
			<-server.gone
		}
	}
	if n := server.accepted.Load(); n != s.conns {
		wrong = append(wrong, fmt.Sprintf("%d connections were made; want %d", n, s.conns))
	}
	if n := server.requests.Load(); n > 2 {
		wrong = append(wrong, fmt.Sprintf("the server has read %d requests; two were sent", n))
	}
	return wrong
}

func (s serverCase) test(t *testing.T, kind wireKind) {
	method, body := s.request()
	s.within(t, func(timeout time.Duration) (wrong []string) {
		server := serve(t, kind, s.script)
		client := server.sync(timeout)
		defer client.CloseIdleConnections()
		return s.ask(server, func(method, url, body string) string { return ask(client, method, url, body) })
	})
	if s.leaves || s.std == skipped {
		return
	}
	s.within(t, func(timeout time.Duration) (wrong []string) {
		server := serve(t, kind, s.script)
		std := server.std(timeout)
		defer std.CloseIdleConnections()
		for i, want := range s.want {
			want = cmp.Or(s.std[i], coarse(want))
			if got := ask(std, method, server.url, body); got != want {
				wrong = append(wrong, fmt.Sprintf("request %d of net/http: %s; want %s", i+1, got, want))
			}
		}
		return wrong
	})
}
