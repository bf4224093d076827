package engine

import (
	"strings"
	"testing"
)

// An engine that somebody named is measured on, or none.
func TestNoOtherEngineThanTheOneNamed(t *testing.T) {
	const usual, other = "unix:///var/run/docker.sock", "tcp://build:2375"
	for _, c := range []struct {
		environment, property, found string
		refused                      bool
	}{
		{"", "", usual, false},
		{usual, "", usual, false},
		{other, "", usual, true},
		{other, usual, usual, false},
		{"", other, usual, false},
		{other, "tcp://third:2375", usual, true},
	} {
		err := asNamed(c.environment, c.property, c.found)
		if (err != nil) != c.refused {
			t.Errorf("DOCKER_HOST=%q, tc.host=%q, found %q: %v; refused: want %t", c.environment, c.property, c.found,
				err, c.refused)
		}
		if err != nil && !(strings.Contains(err.Error(), c.environment) && strings.Contains(err.Error(), c.found)) {
			t.Errorf("%v: want both engines named", err)
		}
	}
}
