package http1

import "fmt"

// Kind is what went wrong with an exchange.
type Kind uint8

const (
	// NoConnection: refused, unknown host, failed TLS handshake, or broken before the
	// first byte of the request left. The server has not seen the request.
	NoConnection Kind = iota
	// ConnectTimeout is no connection within the timeout.
	ConnectTimeout
	// BrokenNew is a new connection that broke when at least a byte of the request had
	// left and before the answer began. The server may have acted on the request.
	BrokenNew
	// BrokenKept is BrokenNew on a connection that had served before: mostly a server
	// that closes idle connections just as the next request comes.
	BrokenKept
	// BrokenAnswer is a connection that broke within the answer.
	BrokenAnswer
	// Timeout is no whole answer within the timeout; the request had begun to leave.
	Timeout
	// Malformed is an answer that is not HTTP/1.1, or larger than allowed: in its head, or in
	// its body together with all others under way.
	Malformed

	kinds
)

var kindTexts = [kinds]string{
	"http1: no connection",
	"http1: not connected in time",
	"http1: new connection broken after the request was sent",
	"http1: kept connection broken after the request was sent",
	"http1: connection broken within the answer",
	"http1: no whole answer in time",
	"http1: malformed HTTP answer",
}

// String is how the text of every Error of this kind begins; no other kind's text
// contains it, so that it can be found where only a text is left of an error.
func (k Kind) String() string {
	if k < kinds {
		return kindTexts[k]
	}
	return fmt.Sprintf("http1: kind(%d)", uint8(k))
}

// Error is a failed exchange. Cancelled requests fail with their context's error
// instead, and requests that cannot be sent at all (a header with a line break) with an
// error of no type of ours.
type Error struct {
	Kind Kind
	Err  error
}

func (e *Error) Error() string { return e.Kind.String() + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Timeout implements net.Error's.
func (e *Error) Timeout() bool { return e.Kind == Timeout || e.Kind == ConnectTimeout }

// malformed is an answer refused for what it says.
type malformed struct{ what string }

func (m *malformed) Error() string { return m.what }

func refuse(format string, args ...any) error { return &malformed{fmt.Sprintf(format, args...)} }
