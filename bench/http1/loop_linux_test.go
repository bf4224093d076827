package http1_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench/generator/loop"
	"github.com/oauthbench/oauthbench/bench/http1"
)

// asking is one request for a loop.
type asking struct {
	request  http1.Request
	released bool
	answer   http1.Answer
	err      error
}

func (a *asking) Due() (time.Time, bool) { return time.Now(), !a.released }
func (a *asking) Release(int) bool       { a.released = true; return true }
func (a *asking) Fill(x *loop.Exchange)  { x.Request = a.request }
func (a *asking) Done(x *loop.Exchange)  { a.answer, a.err = x.Answer, x.Err }

// The event loop of bench/generator makes of each server what Transport makes of it.
func TestServersByLoop(t *testing.T) {
	http1.ServersBy(t, func(timeout time.Duration, maxHead int) func(method, url, body string) string {
		l := loop.New(&http1.Transport{Timeout: timeout, MaxHead: maxHead})
		t.Cleanup(l.CloseIdle)
		return func(method, url, body string) string {
			a := &asking{request: http1.Request{Method: method, URL: url, Body: []byte(body)}}
			if err := l.Run(t.Context(), loop.Run{Feed: a, Most: 1, MostBody: 1 << 20}); err != nil {
				return err.Error()
			}
			if e := (*http1.Error)(nil); errors.As(a.err, &e) {
				return e.Kind.String()
			}
			if a.err != nil {
				return a.err.Error()
			}
			return strings.TrimSpace(a.answer.Status + " " + string(a.answer.Body))
		}
	})
}

// posting are requests for a loop, as many as next has.
type posting struct {
	next func() (url string, body []byte, id int)
	done func(id int, err error)
	url  string
	body []byte
	id   int
}

func (p *posting) Due() (time.Time, bool) {
	if p.url == "" {
		p.url, p.body, p.id = p.next()
	}
	return time.Now(), p.url != ""
}
func (p *posting) Release(int) bool { return true }
func (p *posting) Fill(x *loop.Exchange) {
	x.Number, x.Request = p.id, http1.Request{Method: "POST", URL: p.url, Body: p.body}
	p.url = ""
}
func (p *posting) Done(x *loop.Exchange) { p.done(x.Number, x.Err) }

func TestLoopSendsNothingTwice(t *testing.T) {
	resets := 10_000
	if testing.Short() {
		resets = 1000
	}
	l := loop.New(&http1.Transport{Timeout: 30 * time.Second, MaxIdle: 4})
	t.Cleanup(l.CloseIdle)
	http1.NothingTwice(t, resets, nil, func(next func() (string, []byte, int), done func(int, error)) {
		if err := l.Run(t.Context(), loop.Run{Feed: &posting{next: next, done: done}, Most: 4,
			MostBody: 1 << 20}); err != nil {
			t.Error(err)
		}
		l.CloseIdle()
	})
}
