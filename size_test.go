package main

import (
	"bytes"
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// mostFiles is how many files a package may have beside its tests.
const mostFiles = 25

func TestPackagesAreSmall(t *testing.T) {
	files := map[string]int{}
	for _, file := range sourceFiles(t) {
		if !file.test {
			files[file.folder]++
		}
	}
	for _, folder := range slices.SortedFunc(maps.Keys(files), cmp.Compare[string]) {
		if n := files[folder]; n > mostFiles {
			t.Errorf("%s has %d files beside its tests; at most %d", folder, n, mostFiles)
		}
	}
}

// mostLinesOfCommands is how long the command line may be beside its tests: it has flags,
// calls and what is shown of them. The substance of a command is a package of its own.
const mostLinesOfCommands = 1800

func TestCommandsAreThin(t *testing.T) {
	lines := 0
	for _, file := range sourceFiles(t) {
		if file.folder != "internal/cli" || file.test {
			continue
		}
		source, err := os.ReadFile(filepath.FromSlash(file.path))
		if err != nil {
			t.Fatal(err)
		}
		lines += bytes.Count(source, []byte("\n"))
	}
	if lines == 0 || lines > mostLinesOfCommands {
		t.Errorf("internal/cli has %d lines beside its tests; want 1 to %d", lines, mostLinesOfCommands)
	}
}
