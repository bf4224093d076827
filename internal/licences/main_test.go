package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each library of the program has a licence, and those with a notice have it beside.
func TestLicencesOfTheProgram(t *testing.T) {
	var b bytes.Buffer
	if err := write(&b, "../.."); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"=== Go: LICENSE\n", "=== github.com/tsenart/vegeta/v12 v",
		"=== codeberg.org/go-fonts/liberation v", ": LICENSE-SIL\n", "=== github.com/prometheus/client_golang v",
		": NOTICE\n", "=== go.opentelemetry.io/otel v"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the licences have no %q", want)
		}
	}
}

// A library without a licence stops a release.
func TestNoLicence(t *testing.T) {
	folder := t.TempDir()
	if err := writeModule(&bytes.Buffer{}, "x", folder); err == nil {
		t.Error("a module without a licence = nil; want an error")
	}
	if err := os.WriteFile(filepath.Join(folder, "COPYING"), []byte("text\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := writeModule(&b, "x v1", folder); err != nil || b.String() != "=== x v1: COPYING\n\ntext\n\n" {
		t.Errorf("writeModule = %q, %v", b.String(), err)
	}
}
