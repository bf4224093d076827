package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// A run file has one JSON object per line: {"header": ...}, then {"trial": ...} as
// each trial ends, then {"end": ...}. Lines are only ever appended and synced, so
// whatever stops the program costs at most the trial under way; a torn last line
// is recognised and left out.
type line struct {
	Header *Header `json:"header,omitempty"`
	Trial  *Trial  `json:"trial,omitempty"`
	End    *End    `json:"end,omitempty"`
}

// RunFile appends to the file of a run. Not safe for concurrent use.
type RunFile struct {
	// Conceal, when not nil, hides secrets in each line before it is stored. What it
	// returns must be the same JSON but for the inside of strings.
	Conceal func(string) string

	file    *os.File
	written int64
	behind  bool // What lies behind written is taken off before the next line.
}

// CreateRunFile makes a new run file. It fails when the path exists: a run is never
// overwritten.
func CreateRunFile(path string) (*RunFile, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	return NewRunFile(f), nil
}

// NewRunFile makes a run file of one that was opened, empty, to append to. Close closes it.
func NewRunFile(f *os.File) *RunFile { return &RunFile{file: f} }

// ResumeRunFile reads a run that is Resumable from its file, opened to read and to append
// to, and continues it: the end that an interruption wrote and a torn last line are taken
// off with the first line that is written. It fails for a run that came to an end of its own.
// Close closes the file.
func ResumeRunFile(f *os.File) (*RunFile, *Run, error) {
	run, kept, err := readResumable(f)
	if err != nil {
		return nil, nil, err
	}
	return &RunFile{file: f, written: kept, behind: true}, run, nil
}

// readResumable reads a run without its end, and tells how many bytes that is.
func readResumable(r io.Reader) (run *Run, kept int64, err error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, 0, err
	}
	if run, err = ReadRun(bytes.NewReader(data)); err != nil {
		return nil, 0, err
	}
	whole := data[:bytes.LastIndexByte(data, '\n')+1]
	if run.End == nil {
		return run, int64(len(whole)), nil
	}
	if !run.Resumable() {
		return nil, 0, errors.New("the run came to its end: there is nothing to resume")
	}
	run.End = nil
	return run, int64(bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1), nil
}

// WriteHeader stores what is known before the first trial.
func (w *RunFile) WriteHeader(h Header) error { return w.append(line{Header: &h}) }

// WriteTrial stores a finished trial.
func (w *RunFile) WriteTrial(t Trial) error { return w.append(line{Trial: &t}) }

// WriteEnd stores that the run is over.
func (w *RunFile) WriteEnd(e End) error { return w.append(line{End: &e}) }

func (w *RunFile) append(l line) error {
	data, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("store run: %w", err)
	}
	if w.Conceal != nil {
		data = []byte(w.Conceal(string(data)))
	}
	if w.behind {
		if err := w.file.Truncate(w.written); err != nil {
			return fmt.Errorf("store run: %w", err)
		}
		w.behind = false
	}
	n, err := w.file.Write(append(data, '\n'))
	if err == nil {
		w.written += int64(n)
		err = w.file.Sync()
	} else if n > 0 {
		// A full disk leaves half a line: take it back, so that a later line does not
		// run into it.
		err = errors.Join(err, w.file.Truncate(w.written))
	}
	if err != nil {
		return fmt.Errorf("store run: %w", err)
	}
	return nil
}

// Discard takes back what was stored: Close then removes the file. Nothing may be written
// any more.
func (w *RunFile) Discard() { w.written = 0 }

// Empty tells whether nothing has been stored yet.
func (w *RunFile) Empty() bool { return w.written == 0 }

// Close closes the file. A file without a header is removed: it holds no run. That is done
// while it is open, for whoever holds a lock on it holds that until it is closed, where the
// system can do so.
func (w *RunFile) Close() error {
	removed := false
	if w.Empty() {
		removed = os.Remove(w.file.Name()) == nil
	}
	err := w.file.Close()
	if w.Empty() && !removed {
		err = errors.Join(err, os.Remove(w.file.Name()))
	}
	return err
}

// maxLine bounds one line of a run file, in bytes.
const maxLine = 64 << 20

// ReadRun reads a run file. A last line without its newline is what a crash left
// and is ignored; any other damage is an error that names the line.
func ReadRun(r io.Reader) (*Run, error) {
	var run *Run
	in := bufio.NewReaderSize(r, 1<<16)
	for number := 1; ; number++ {
		text, err := readLine(in)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if run == nil {
			run = &Run{}
			if l.Header == nil {
				return nil, fmt.Errorf("line %d: not the header of a run", number)
			}
			if l.Header.Schema < 1 || l.Header.Schema > RunSchema {
				return nil, fmt.Errorf("line %d: schema %d; this version reads up to %d", number, l.Header.Schema,
					RunSchema)
			}
			run.Header = *l.Header
			continue
		}
		if err := run.take(l); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	if run == nil {
		return nil, errors.New("no run is stored here")
	}
	return run, nil
}

// take adds one line after the header.
func (r *Run) take(l line) error {
	switch {
	case l.Header != nil:
		return errors.New("a second header")
	case r.End != nil:
		return errors.New("a line after the end of the run")
	case l.Trial != nil:
		if err := l.Trial.check(); err != nil {
			return err
		}
		r.Trials = append(r.Trials, *l.Trial)
	case l.End != nil:
		r.End = l.End
	}
	return nil
}

// check refuses trials that no reader could draw.
func (t *Trial) check() error {
	if t.Role != Baseline && t.Role != Candidate {
		return fmt.Errorf("trial with role %q", t.Role)
	}
	for _, m := range t.Measurements {
		if m.Response == nil || m.Service == nil || m.SendLag == nil {
			return fmt.Errorf("measurement of %q without its histograms", m.Operation)
		}
		if n := m.Outcomes.Total(); n != m.Response.Count() {
			return fmt.Errorf("measurement of %q: %d outcomes, %d response times", m.Operation, n, m.Response.Count())
		}
	}
	return nil
}

// readLine returns the next whole line without its newline, io.EOF when there is
// none.
func readLine(in *bufio.Reader) ([]byte, error) {
	var text []byte
	for {
		part, err := in.ReadSlice('\n')
		text = append(text, part...)
		switch {
		case len(text) > maxLine:
			return nil, fmt.Errorf("longer than %d bytes", maxLine)
		case err == nil:
			return bytes.TrimSuffix(text, []byte("\n")), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}
