package process

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
)

// childLog keeps the last lines that a child writes to its standard error. It may be read
// while the child writes: a line that was written before an answer was sent is there once
// the answer has been read.
type childLog struct {
	pipe  *os.File
	raw   syscall.RawConn // of pipe
	ended chan struct{}   // closed when nothing follows the pipe any more

	mu   sync.Mutex // held from reading the pipe until text has what was read
	text string
}

const (
	logLines = 20
	logBytes = 8 << 10
)

// openChildLog makes a log and the file that the child is to write to. The caller closes
// the file once the child has it, and the log once the child is gone.
func openChildLog() (*childLog, *os.File, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	l := &childLog{pipe: read, ended: make(chan struct{})}
	if l.raw, err = read.SyscallConn(); err != nil {
		read.Close()
		write.Close()
		return nil, nil, err
	}
	go func() {
		defer close(l.ended)
		l.follow()
	}()
	return l, write, nil
}

// close takes what the child has written to its end. A process that the child has left
// behind may still hold the other end of the pipe: nobody waits for that.
func (l *childLog) close() {
	l.catchUp()
	l.pipe.Close()
	<-l.ended
}

// add is called with mu held.
func (l *childLog) add(b []byte) {
	l.text += string(b)
	if len(l.text) > logBytes {
		l.text = l.text[len(l.text)-logBytes:]
	}
}

// String is all that the child has written until now, of which only the last lines are kept.
func (l *childLog) String() string {
	l.catchUp()
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(l.text), "\n")
	return strings.Join(lines[max(0, len(lines)-logLines):], "\n")
}

// err is what the child has said, or nil.
func (l *childLog) err() error {
	if text := l.String(); text != "" {
		return fmt.Errorf("child said:\n%s", text)
	}
	return nil
}
