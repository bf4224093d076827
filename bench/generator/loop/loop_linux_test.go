package loop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench/http1"
)

// feed sends count requests, the next of which is always due after a gap.
type feed struct {
	url         string
	count, next int
	gap         time.Duration
	due         time.Time
	done        func(x *Exchange)
}

func (f *feed) Due() (time.Time, bool) { return f.due, f.next < f.count }
func (f *feed) Release(int) bool {
	f.next++
	f.due = time.Now().Add(f.gap)
	return true
}
func (f *feed) Fill(x *Exchange) {
	x.Number = f.next - 1
	x.Request = http1.Request{Method: "POST", URL: f.url, Body: []byte("token=x")}
}
func (f *feed) Done(x *Exchange) { f.done(x) }

// answering serves connections, each request by answer, and returns its URL.
func answering(t *testing.T, answer func(c net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				in := bufio.NewReader(c)
				for {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					if _, err := io.Copy(io.Discard, r.Body); err != nil {
						return
					}
					answer(c)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/"
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// An answer that lies unread ended when it came, not when it was read.
func TestAnswersEndWhenTheyCome(t *testing.T) {
	for _, own := range []bool{false, true} {
		t.Run(fmt.Sprint("own processor ", own), func(t *testing.T) {
			came := make(chan time.Time, 1)
			url := answering(t, func(c net.Conn) {
				_, _ = io.WriteString(c, ok)
				came <- time.Now() // Loopback has delivered it by then.
			})
			l := New(&http1.Transport{Timeout: time.Minute})
			defer l.CloseIdle()
			var arrived, ended time.Time
			waited, stamped := 0, false // for so many answers
			f := &feed{url: url, count: 200, gap: 20 * time.Millisecond}
			f.done = func(x *Exchange) {
				if waited != x.Number+1 {
					<-came
				}
				if x.Err != nil || string(x.Answer.Body) != "ok" {
					t.Errorf("answer %d: %q, %v", x.Number, x.Answer.Body, x.Err)
				}
				if x.Ended.Before(x.Began) || x.Ended.After(time.Now()) {
					t.Errorf("exchange %d began %v before it ended", x.Number, x.Ended.Sub(x.Began))
				}
				if ended = x.Ended; waited == x.Number+1 && !ended.After(arrived) {
					stamped, f.count = true, f.next // That is seen; no more are needed.
				}
			}
			err := l.Run(t.Context(), Run{Feed: f, Most: 1, MostBody: 10, Own: own, Ahead: func(time.Time) bool {
				if f.next >= 2 && waited < f.next { // The first has its connection made meanwhile.
					arrived, waited = <-came, f.next
					time.Sleep(5 * time.Millisecond) // The answer lies unread.
				}
				return false
			}})
			if err != nil {
				t.Fatal(err)
			}
			if !stamped {
				t.Errorf("the last answer came at %v and ended %v later; none ended when it came", arrived,
					ended.Sub(arrived))
			}
		})
	}
}

// Whoever runs a loop twice at once is told so, and nothing is asked of the second feed.
func TestOneRunAtATime(t *testing.T) {
	l := New(&http1.Transport{Timeout: time.Minute})
	defer l.CloseIdle()
	url := answering(t, func(c net.Conn) { _, _ = io.WriteString(c, ok) })
	f := &feed{url: url, count: 1}
	f.done = func(*Exchange) {
		if err := l.Run(t.Context(), Run{}); !errors.Is(err, ErrBusy) {
			t.Errorf("a second run: %v", err)
		}
	}
	if err := l.Run(t.Context(), Run{Feed: f, Most: 1, MostBody: 10}); err != nil {
		t.Fatal(err)
	}
}

// A run that is cancelled hands back all that it was given, and keeps no connection.
func TestCancelledRunsHandBackEverything(t *testing.T) {
	cause := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	asked := 0
	hold := make(chan struct{})
	t.Cleanup(func() { close(hold) })
	asks := make(chan struct{}, 8)
	url := answering(t, func(net.Conn) { asks <- struct{}{}; <-hold })
	go func() {
		for range 8 {
			<-asks
		}
		cancel(cause)
	}()
	l := New(&http1.Transport{Timeout: time.Hour})
	f := &feed{url: url, count: 1 << 30, done: func(x *Exchange) {
		if asked++; !errors.Is(x.Err, cause) {
			t.Errorf("exchange %d: %v", x.Number, x.Err)
		}
	}}
	if err := l.Run(ctx, Run{Feed: f, Most: 8, MostBody: 10}); !errors.Is(err, cause) {
		t.Errorf("%v; want the cause", err)
	}
	if asked != 8 {
		t.Errorf("%d of 8 exchanges came back", asked)
	}
	for _, ln := range l.lines.all {
		if ln != nil {
			t.Error("a connection is left")
		}
	}
	l.CloseIdle()
}

// What the loop cannot do itself is done beside it, and what cannot be sent is told.
func TestOtherRequestsAreDoneElsewhere(t *testing.T) {
	dialled := ""
	refused := errors.New("refused here")
	l := New(&http1.Transport{Timeout: time.Minute, Dial: func(_ context.Context, _, address string) (net.Conn, error) {
		dialled = address
		return nil, refused
	}})
	defer l.CloseIdle()
	for url, want := range map[string]string{
		"https://server.test/": "server.test:443", "http://server.test/": "server.test:80", "ftp://server.test/": "",
	} {
		dialled = ""
		var got error
		f := &feed{url: url, count: 1, done: func(x *Exchange) { got = x.Err }}
		if err := l.Run(t.Context(), Run{Feed: f, Most: 1, MostBody: 10}); err != nil {
			t.Fatal(err)
		}
		if dialled != want || errors.Is(got, refused) != (want != "") || got == nil ||
			want != "" && !strings.HasPrefix(got.Error(), http1.NoConnection.String()) {
			t.Errorf("%s: dialled %q, %v; want %q", url, dialled, got, want)
		}
	}
}
