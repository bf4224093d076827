package spring

import "testing"

// A tag is a release of the library, of which those can be built that the sample is written for.
func TestVersions(t *testing.T) {
	for tag, good := range map[string]bool{
		"1.5.8": true, "1.5.0": true, "1.6.1": true, "7.0.2": true, "7.1.0-M1": true, "7.0.2-ours": true,
		"1.4.9": false, "1.x": false, "1.": false, "1.5": false, "1.5.x": false, "7.0.2x": false, "6.5.0": false,
		"8.0.0": false, "latest": false, "01.5.8": false,
	} {
		if releases.MatchString(tag) != good {
			t.Errorf("%s: want it good %v", tag, good)
		}
	}
}
