// Package terminal shows progress on a terminal or in a log. What is shown may hold words
// of a server or a plan: it is made plain first, and free of this process's secrets.
package terminal

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// Display shows progress: on a terminal one line that is refreshed, elsewhere one
// plain line every few seconds. Safe for concurrent use.
type Display struct {
	w        io.Writer
	terminal bool
	width    func() int

	mu   sync.Mutex
	live bool // a line is on the screen that the next one replaces
}

// New shows on w.
func New(w io.Writer) *Display {
	d := &Display{w: w, width: func() int { return 80 }}
	if f, ok := w.(*os.File); ok && TakesEscapes(f) {
		d.terminal = true
		d.width = func() int {
			if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
				return width
			}
			return 80
		}
	}
	return d
}

// TakesEscapes tells whether a file is a terminal that understands escape sequences: one
// without a name, or a dumb one, does not.
func TakesEscapes(f *os.File) bool {
	kind := os.Getenv("TERM")
	return (kind != "" || runtime.GOOS == "windows") && kind != "dumb" && term.IsTerminal(int(f.Fd()))
}

// Say prints lines that stay. On a terminal none is longer than it is wide.
func (d *Display) Say(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.erase()
	text := Plain(fmt.Sprintf(format, args...))
	if d.terminal {
		text = between(text, d.width())
	}
	fmt.Fprintln(d.w, text)
}

// between breaks lines that are longer than columns between words, and sets what goes on below
// in. A word that is longer than that stays whole.
func between(text string, columns int) string {
	const below = "  "
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		for utf8.RuneCountInString(line) > columns {
			start := len(line) - len(strings.TrimLeft(line, " "))
			fits := len(string([]rune(line)[:columns+1]))
			space := strings.LastIndex(line[:fits], " ")
			if space <= start {
				space = start + strings.Index(line[start:], " ")
			}
			if space <= start {
				break
			}
			out = append(out, line[:space])
			line = line[:start] + strings.Repeat(" ", max(0, len(below)-start)) + line[space+1:]
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// Warnf says what went wrong with something that the run can do without.
func (d *Display) Warnf(format string, args ...any) { d.Say("oauthbench: "+format, args...) }

// update replaces the live line.
func (d *Display) update(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text = Plain(text)
	if !d.terminal {
		fmt.Fprintln(d.w, text)
		return
	}
	d.erase()
	if r := []rune(text); len(r) >= d.width() {
		text = string(r[:d.width()-1])
	}
	fmt.Fprint(d.w, text)
	d.live = true
}

func (d *Display) clear() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.erase()
}

func (d *Display) erase() {
	if d.live {
		fmt.Fprint(d.w, "\r\x1b[K")
		d.live = false
	}
}

// Follow shows what line says, "" for nothing, until the returned function is called.
func (d *Display) Follow(line func() string) (stop func()) {
	interval := 5 * time.Second
	if d.terminal {
		interval = 250 * time.Millisecond
	}
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				if text := line(); text != "" {
					d.update(text)
				} else {
					d.clear()
				}
			case <-done:
				d.clear()
				return
			}
		}
	})
	return func() { close(done); ended.Wait() }
}
