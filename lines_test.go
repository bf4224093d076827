package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// A line of Go has at most widestLine columns, where a tab counts as four.
const widestLine = 120

func TestLinesAreShort(t *testing.T) {
	seen := 0
	for _, file := range sourceFiles(t) {
		source, err := os.ReadFile(filepath.FromSlash(file.path))
		if err != nil {
			t.Fatal(err)
		}
		for number, line := range strings.Split(string(source), "\n") {
			seen++
			if columns := utf8.RuneCountInString(line) + 3*strings.Count(line, "\t"); columns > widestLine {
				t.Errorf("%s:%d has %d columns; at most %d", file.path, number+1, columns, widestLine)
			}
		}
	}
	if seen == 0 {
		t.Error("no line was read")
	}
}
