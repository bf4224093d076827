package reports

import (
	"os"
	"testing"
)

// TestLook writes a full report to $LOOK to be looked at.
func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		t.Skip()
	}
	if err := WriteAll(dir, usualReport()); err != nil {
		t.Fatal(err)
	}
}
