//go:build !unix

package process

import "io"

// follow reads the pipe until its end, so that the child never waits for a reader.
func (l *childLog) follow() {
	_, _ = io.Copy(logWriter{l}, l.pipe) // An error says that the log was closed.
}

// catchUp does nothing here: what was written last may be missing for a moment.
func (l *childLog) catchUp() {}

type logWriter struct{ *childLog }

func (w logWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.add(b)
	return len(b), nil
}
