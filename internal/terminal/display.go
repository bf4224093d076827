package cli

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"oauthbench/internal/plaintext"
)

// display shows progress: on a terminal one line that is refreshed, elsewhere one
// plain line every few seconds. Safe for concurrent use.
type display struct {
	w        io.Writer
	terminal bool
	width    func() int

	mu   sync.Mutex
	live bool // a line is on the screen that the next one replaces
}

func newDisplay(w io.Writer) *display {
	d := &display{w: w, width: func() int { return 80 }}
	if f, ok := w.(*os.File); ok && takesEscapes(f) {
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

// takesEscapes tells whether a file is a terminal that understands escape sequences: one
// without a name, or a dumb one, does not.
func takesEscapes(f *os.File) bool {
	kind := os.Getenv("TERM")
	return (kind != "" || runtime.GOOS == "windows") && kind != "dumb" && term.IsTerminal(int(f.Fd()))
}

// shown makes text that may hold words of a server or a plan fit for a terminal and a
// log, line by line, without the secrets of this process.
func shown(text string) string {
	lines := strings.Split(plaintext.Secrets.String(text), "\n")
	for i, l := range lines {
		lines[i] = plaintext.Line(l)
	}
	return strings.Join(lines, "\n")
}

// say prints lines that stay.
func (d *display) say(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.erase()
	fmt.Fprintln(d.w, shown(fmt.Sprintf(format, args...)))
}

// warnf says what went wrong with something that the run can do without.
func (d *display) warnf(format string, args ...any) { d.say("oauthbench: "+format, args...) }

// update replaces the live line.
func (d *display) update(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text = shown(text)
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

func (d *display) clear() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.erase()
}

func (d *display) erase() {
	if d.live {
		fmt.Fprint(d.w, "\r\x1b[K")
		d.live = false
	}
}

// follow shows what line says, "" for nothing, until the returned function is called.
func (d *display) follow(line func() string) (stop func()) {
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

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
