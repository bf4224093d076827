package http1

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// ledger is what a server has seen of each request, by the number in its path.
type ledger struct {
	mu     sync.Mutex
	seen   map[int]int // how often the number came
	resets int
}

func (l *ledger) note(id int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen[id]++
}

// resetting serves one connection and breaks it at a random point: while it reads a
// request, before it answers, within the answer, or when all was answered.
func (l *ledger) resetting(tcp *net.TCPConn, conn net.Conn, rng *rand.Rand) {
	defer func() {
		l.mu.Lock()
		l.resets++
		l.mu.Unlock()
		_ = tcp.SetLinger(0) // RST instead of FIN
		tcp.Close()
	}()
	in := bufio.NewReader(conn)
	for range rng.IntN(4) {
		if !l.answer(conn, in, len(whole)) {
			return
		}
	}
	switch rng.IntN(4) {
	case 0: // part of a request
		if first, err := in.ReadString('\n'); err == nil {
			id, size := numbers(first)
			l.note(id)
			_, _ = io.CopyN(io.Discard, in, int64(rng.IntN(size+20)))
		}
	case 1: // a request and part of an answer, or none of it
		l.answer(conn, in, rng.IntN(len(whole)))
	case 2: // nothing of a request that may be on its way
	case 3: // a whole answer: the connection dies when it is kept
		l.answer(conn, in, len(whole))
	}
}

// answer reads one request and writes so many bytes of an answer.
func (l *ledger) answer(conn net.Conn, in *bufio.Reader, size int) bool {
	first, err := in.ReadString('\n')
	if err != nil {
		return false
	}
	id, _ := numbers(first)
	l.note(id)
	req, err := http.ReadRequest(bufio.NewReader(io.MultiReader(strings.NewReader(first), in)))
	if err != nil {
		return false
	}
	// The inner buffer may have read on into the body.
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return false
	}
	_, err = io.WriteString(conn, whole[:size])
	return err == nil
}

// numbers are the request's and its body's size in "POST /id?size HTTP/1.1".
func numbers(line string) (id, size int) {
	if n, err := fmt.Sscanf(line, "POST /%d?%d HTTP/1.1", &id, &size); n != 2 || err != nil {
		return -1, 0
	}
	return id, size
}

// No request may come twice, however connections break: a refresh token that is sent
// twice looks stolen, and its whole family is revoked.
func TestNothingIsSentTwice(t *testing.T) {
	resets := 10_000
	if testing.Short() {
		resets = 1000
	}
	t.Run("plain", func(t *testing.T) { NothingTwice(t, resets, nil, postAll(t, nil)) })
	server, client := certificates(t)
	t.Run("TLS", func(t *testing.T) { NothingTwice(t, resets/10, server, postAll(t, client)) })
}

// twiceSenders is how many requests are under way at once.
const twiceSenders = 4

// postAll sends all that next gives by RoundTrip.
func postAll(t *testing.T, config *tls.Config) func(next func() (url string, body []byte, id int),
	done func(int, error)) {
	transport := &Transport{Timeout: 30 * time.Second, MaxIdle: twiceSenders, TLS: config}
	return func(next func() (string, []byte, int), done func(int, error)) {
		defer transport.CloseIdleConnections()
		var sending sync.WaitGroup
		for range twiceSenders {
			sending.Go(func() {
				for {
					url, body, id := next()
					if url == "" {
						return
					}
					done(id, post(transport, url, body))
				}
			})
		}
		sending.Wait()
	}
}

// NothingTwice has a server break connections that often while sendAll sends requests: until next has no
// URL, with done called for each.
func NothingTwice(t *testing.T, resets int, server *tls.Config,
	sendAll func(next func() (url string, body []byte, id int), done func(id int, err error))) {
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	book := &ledger{seen: map[int]int{}}
	var serving sync.WaitGroup
	serving.Go(func() {
		for n := uint64(0); ; n++ {
			tcp, err := l.AcceptTCP()
			if err != nil {
				return
			}
			conn := net.Conn(tcp)
			if server != nil {
				conn = tls.Server(tcp, server)
			}
			serving.Go(func() { book.resetting(tcp, conn, rand.New(rand.NewPCG(7, n))) })
		}
	})

	scheme := "http"
	if server != nil {
		scheme = "https"
	}
	var mu sync.Mutex
	sent, answered := 0, 0
	kinds := map[Kind]int{}
	outcome := map[int]*Error{}
	rng := rand.New(rand.NewPCG(8, 0))
	sendAll(func() (string, []byte, int) {
		book.mu.Lock()
		enough := book.resets >= resets
		book.mu.Unlock()
		mu.Lock()
		defer mu.Unlock()
		if enough {
			return "", nil, 0
		}
		sent++
		size := rng.IntN(200)
		if rng.IntN(20) == 0 {
			size = rng.IntN(512 << 10)
		}
		return fmt.Sprintf("%s://%s/%d?%d", scheme, l.Addr(), sent, size), bytes.Repeat([]byte("x"), size), sent
	}, func(id int, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			answered++
			return
		}
		e, ok := errors.AsType[*Error](err)
		if !ok {
			t.Errorf("request %d: %v; want an *Error", id, err)
			return
		}
		kinds[e.Kind]++
		outcome[id] = e
	})
	l.Close()
	serving.Wait()

	t.Logf("%d resets, %d requests, %d answered, broken: %v", book.resets, sent, answered, kinds)
	for id := 1; id <= sent; id++ {
		e, times := outcome[id], book.seen[id]
		switch {
		case times > 1:
			t.Errorf("request %d came %d times", id, times)
		case e == nil && times != 1:
			t.Errorf("request %d was answered and came %d times", id, times)
		case e != nil && e.Kind == NoConnection && times != 0:
			t.Errorf("request %d came, but is said not to have left: %v", id, e)
		case e != nil && e.Kind != NoConnection && e.Kind != BrokenNew && e.Kind != BrokenKept &&
			e.Kind != BrokenAnswer:
			t.Errorf("request %d: %v", id, e)
		}
	}
	if book.seen[-1] > 0 {
		t.Errorf("%d requests could not be read", book.seen[-1])
	}
	for _, k := range []Kind{BrokenNew, BrokenKept, BrokenAnswer} {
		if kinds[k] == 0 {
			t.Errorf("none of the failures is %q: the test does not reach that point", k)
		}
	}
}

func post(rt http.RoundTripper, url string, body []byte) error {
	req, err := http.NewRequest("POST", url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}
