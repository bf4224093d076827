package http1

import (
	"errors"
	"io"
	"slices"
)

// Incoming reads the answer to one request after another on a plain connection, of which somebody else
// brings the bytes: it never waits. It reads what Exchange reads, and refuses what Exchange refuses.
// Not safe for concurrent use.
type Incoming struct {
	transport *Transport
	in        reader
	answer    answer
	method    string
	most      int64 // bytes of the body that are kept
	headed    bool  // The head has come.
	whole     Answer
	rest      []byte // backs in, when a part of an answer has come
	known     knownHead
}

// knownHead is the head that came last. Most heads are, byte for byte, the one before.
type knownHead struct {
	method, text string
	framing      framing
	left         int64
	last         bool
	answer       Answer
}

// NewIncoming is for a connection of this transport. Its bounds hold.
func NewIncoming(t *Transport) *Incoming { return &Incoming{transport: t} }

// Begin is called before a request of that method leaves. At most most bytes of the answer's body are kept.
func (p *Incoming) Begin(method string, most int64) {
	p.in.begin()
	p.method, p.most, p.headed, p.whole = method, most, false, Answer{}
}

// Bring takes bytes that came, and tells whether the answer is whole. data is not kept. The error is an *Error
// of kind Malformed, after which the connection is of no use.
func (p *Incoming) Bring(data []byte) (whole bool, err error) {
	b := &p.in
	b.began = b.began || len(data) > 0
	if b.buffered() > 0 {
		n := copy(p.rest, b.buf[b.r:b.w])
		p.rest = append(p.rest[:n], data...)
		b.buf = p.rest
	} else {
		b.buf = data
	}
	b.r, b.w = 0, len(b.buf)
	err = p.step()
	if err == errSilent {
		p.rest = append(p.rest[:0], b.buf[b.r:b.w]...)
		b.buf, b.r, b.w = p.rest, 0, len(p.rest)
		return false, nil
	}
	return p.end(err)
}

// End is told that the connection has ended, by io.EOF or another error. Either the answer is whole thereby,
// or the error says why not: it is what was given, unless the answer is malformed.
func (p *Incoming) End(err error) (whole bool, failed error) {
	p.in.failed = err
	return p.end(p.step())
}

// end closes the books on an answer, with what step returned.
func (p *Incoming) end(err error) (whole bool, failed error) {
	p.answer.body.letGo()
	if cap(p.rest) > 16*readBuffer {
		p.rest = nil
	}
	if err == io.EOF {
		return true, nil
	}
	var m *malformed
	if errors.As(err, &m) {
		err = &Error{Malformed, m}
	}
	return false, err
}

// Answer is the whole answer. Its body is nobody else's; its header may be shared with other answers, and must
// not be changed.
func (p *Incoming) Answer() Answer { return p.whole }

// Began tells whether a byte of the answer has come.
func (p *Incoming) Began() bool { return p.in.began }

// Reusable tells, after a whole answer, whether the connection may be used again: nothing follows the answer,
// and the server did not say that it will close.
func (p *Incoming) Reusable() bool { return !p.answer.body.last && p.in.buffered() == 0 }

// step reads on: io.EOF when the answer is whole, errSilent when more must come.
func (p *Incoming) step() error {
	if !p.headed {
		if err := p.head(); err != nil {
			return unexpected(err)
		}
		p.headed = true
	}
	b := &p.answer.body
	if b.framing == none {
		return io.EOF
	}
	for {
		to, kept := p.room()
		n, err := b.read(to)
		if much := b.hold(n); much != nil {
			return much
		}
		if kept {
			p.whole.Body = p.whole.Body[:len(p.whole.Body)+n]
		}
		if err != nil {
			return err
		}
	}
}

// head reads the head of the answer.
func (p *Incoming) head() error {
	b, k := &p.in, &p.known
	if n := len(k.text); n > 0 && b.seen == 0 && b.interim == 0 && k.method == p.method && b.buffered() >= n &&
		string(b.buf[b.r:b.r+n]) == k.text {
		b.r += n
		p.answer.body = body{in: b, resp: &p.answer.Response, transport: p.transport,
			framing: k.framing, left: k.left, last: k.last}
		p.whole = k.answer
		return nil
	}
	a := &p.answer
	if err := b.answer(a, p.method, p.transport.maxHead()); err != nil {
		return err
	}
	a.body.transport = p.transport
	p.whole = Answer{Code: a.StatusCode, Status: a.Status, Header: a.Header}
	*k = knownHead{}
	if b.interim == 0 && len(a.text) <= readBuffer {
		*k = knownHead{method: p.method, text: a.text, framing: a.body.framing, left: a.body.left, last: a.body.last,
			answer: p.whole}
	}
	return nil
}

// room is where the next bytes of the body go, and whether they are kept.
func (p *Incoming) room() (to []byte, kept bool) {
	have := p.whole.Body
	left := p.most - int64(len(have))
	if left <= 0 {
		return make([]byte, readBuffer), false
	}
	if len(have) == cap(have) {
		more := int64(readBuffer) // It doubles from the second time on.
		if b := &p.answer.body; b.framing == counted {
			more = min(b.left, 4*readBuffer)
		}
		if more = min(more, left); len(have) == 0 {
			have = make([]byte, 0, more)
		} else {
			have = slices.Grow(have, int(more))
		}
		p.whole.Body = have
	}
	free := have[len(have):cap(have)]
	return free[:min(int64(len(free)), left)], true
}
