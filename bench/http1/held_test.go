package http1

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Answers under way share one bound, which a usual answer does not count in, and which is
// free again when they are closed.
func TestAnswersUnderWayAreBoundedTogether(t *testing.T) {
	const large, most = 80 << 10, 100 << 10
	for _, framing := range []string{
		fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%0*d", large, large, 0),
		fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%0*d\r\n0\r\n\r\n", large, large, 0),
		fmt.Sprintf("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%0*d", large, 0),
	} {
		s := serve(t, plain, func(c *client, _ int) {
			for c.request() {
				c.say(framing)
				if strings.Contains(framing, "close") {
					return
				}
			}
		})
		transport := &Transport{MaxHeld: most}
		t.Cleanup(transport.CloseIdleConnections)
		open := func() (io.Closer, error) {
			req, err := http.NewRequest(http.MethodGet, s.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := transport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			_, err = io.Copy(io.Discard, resp.Body)
			return resp.Body, err
		}
		for round := range 3 {
			first, err := open()
			if err != nil {
				t.Fatalf("round %d: one large answer: %v", round, err)
			}
			second, err := open()
			var broken *Error
			if !errors.As(err, &broken) || broken.Kind != Malformed {
				t.Errorf("round %d: a second large answer beside it: error %v; want %v", round, err, Malformed)
			}
			if err := errors.Join(first.Close(), second.Close()); err != nil {
				t.Error(err)
			}
			if held := transport.held.Load(); held != 0 {
				t.Errorf("round %d: closed answers hold %d bytes", round, held)
			}
		}
	}
}
