package bench

import (
	"encoding/json"
	"strings"
	"testing"
)

// A cause is stored by its fields and read back, says each of them, and is like another only in all
// but the line of the log.
func TestCauses(t *testing.T) {
	all := map[Cause]string{
		{"database", DiskFull, 0, "PANIC"}: `the database's disk is full; the last line of its log is "PANIC"`,
		{"server", LostMemory, 0, ""}:      "the server lost a process for want of memory",
		{"server", NoMemory, 137, ""}:      "the server was killed for want of memory",
		{"server", Ended, 3, `a "b"`}:      `the server has ended with code 3; the last line of its log is "a \"b\""`,
		{"server", Complained, 0, "no x"}:  `the last line of the server's log is "no x"`,
	}
	for c, want := range all {
		if got := c.String(); got != want {
			t.Errorf("%+v: %q; want %q", c, got, want)
		}
		data, err := json.Marshal(c)
		var back Cause
		if err != nil || json.Unmarshal(data, &back) != nil || back != c {
			t.Errorf("%s was read as %+v, %v", data, back, err)
		}
		for other := range all {
			later := other
			later.Log = "another line"
			if c.Like(later) != (c == other) {
				t.Errorf("%v is like %v: %v", c, later, c.Like(later))
			}
		}
	}
}

// Runs stored before causes had fields have sentences, which are read with their words as they were,
// and are still told apart by all but the line of the log.
func TestCausesOfBefore(t *testing.T) {
	read := func(sentence string) (c Cause) {
		data, err := json.Marshal(sentence)
		if err == nil {
			err = json.Unmarshal(data, &c)
		}
		if err != nil || c.String() != sentence {
			t.Errorf("%q was read as %+v, %v", sentence, c, err)
		}
		return c
	}
	first := read(`the database's disk is full; the last line of its log is "PANIC 1"`)
	if first.Log != "PANIC 1" || !first.Like(read(strings.Replace(first.String(), "1", "2", 1))) {
		t.Errorf("%+v is not like itself with another line", first)
	}
	if first.Like(read(`the server has ended with code 3; the last line of its log is "PANIC 1"`)) {
		t.Error("two causes are alike because their lines are")
	}
	read(`the last line of the server's log is "no such table"`)
	read(`the disk; the last line of its log is not quoted`)
}
