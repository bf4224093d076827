package engine

import (
	"os"
	"strings"
	"testing"
)

func TestStatic(t *testing.T) {
	own, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Skip("no /bin/sh")
	}
	if err := static(own); err == nil || !strings.Contains(err.Error(), "CGO_ENABLED=0") {
		t.Errorf("static(/bin/sh) = %v; want the cure for a dynamic program", err)
	}
	if err := static([]byte("#!/bin/sh\n")); err == nil || !strings.Contains(err.Error(), "--binary") {
		t.Errorf("static(script) = %v; want the cure for no Linux program", err)
	}
}
