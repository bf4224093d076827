package terminal

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

// While there is something to say a terminal shows it, and nothing is left of it.
func TestWhatGoesOnIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w strings.Builder
		var line atomic.Value
		line.Store("")
		d := &Display{w: &w, terminal: true, width: func() int { return 80 }}
		stop := d.Follow(func() string { return line.Load().(string) })
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
		if w.Len() > 0 {
			t.Errorf("shown %q, though there is nothing to say", w.String())
		}
		line.Store("trial 1 of 12")
		time.Sleep(time.Minute)
		synctest.Wait()
		stop()
		if got, want := w.String(), "trial 1 of 12"; !strings.Contains(got, want) ||
			!strings.HasSuffix(got, "\r\x1b[K") {
			t.Errorf("shown %q; want %q, and erased", got[max(0, len(got)-200):], want)
		}
	})
}

// On a terminal no line that is said breaks within a word, and none of its words is lost. A log
// has each as it is: programs search it for lines.
func TestLinesOfATerminalBreakBetweenWords(t *testing.T) {
	texts := []string{
		"",
		"starting embedded:v1",
		"machine: when the run began other programs used 100 % of the machine: gofmt (process 19459, 0.22 cores)",
		"  indented: trials of 1m42.2s, control trials at 100.9/s, and that is two lines of a terminal at least",
		"one\ntwo, which is longer than the other one and also longer than the terminal is wide: 80 columns",
		strings.Repeat("ü", 200) + " and " + strings.Repeat("–", 79) + " x",
		"     " + strings.Repeat("w", 100),
	}
	for _, columns := range []int{1, 20, 80} {
		for _, text := range texts {
			var screen, log strings.Builder
			(&Display{w: &screen, terminal: true, width: func() int { return columns }}).Say("%s", text)
			(&Display{w: &log, width: func() int { return columns }}).Say("%s", text)
			if log.String() != text+"\n" {
				t.Errorf("a log has %q; want %q", log.String(), text)
			}
			got := screen.String()
			if !slices.Equal(strings.Fields(got), strings.Fields(text)) {
				t.Errorf("%d columns: %q; want the words of %q", columns, got, text)
			}
			for line := range strings.SplitSeq(got, "\n") {
				if utf8.RuneCountInString(line) > columns && len(strings.Fields(line)) > 1 {
					t.Errorf("%d columns: line %q", columns, line)
				}
			}
		}
	}
}
