package stack

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// What went wrong is said though thousands of lines follow it, and once.
func TestErrorsBeforeALongTrace(t *testing.T) {
	lines := []string{"starting", "  ERROR: invalid input syntax (SQLSTATE 22P02)", "no errors: all is well"}
	for i := range 2000 {
		lines = append(lines, fmt.Sprint("trace ", i), "ERROR: invalid input syntax (SQLSTATE 22P02)")
	}
	lines = append(lines, make([]string, logLines)...)
	e := &StartError{Err: errors.New("ended"), Log: tail(lines), Said: telling(lines)}
	if n := strings.Count(e.Error(), "SQLSTATE 22P02"); n != 1 || strings.Contains(e.Error(), "all is well") {
		t.Errorf("%d times in %q; want the error once, and nothing that is none", n, e.Error())
	}
	e.Log = e.Said
	if n := strings.Count(e.Error(), "SQLSTATE 22P02"); n != 1 {
		t.Errorf("%d times in %q; want once, by the log", n, e.Error())
	}
}
