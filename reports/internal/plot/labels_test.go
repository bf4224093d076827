package plot

import "testing"

// Two versions that differ only in their last setting have two labels.
func TestShortNamesKeepWhatDiffers(t *testing.T) {
	for name, want := range map[string]string{
		"hydra:v2.3.0":                       "hydra:v2.3.0",
		"embedded:v2?pbkdf2_rounds":          "embedded:v2?pbkdf2_rounds",
		"embedded:v2?pbkdf2_rounds=100000":   "embedded:v2?…rounds=100000",
		"hydra:v2.3.0?pool=20&tokens=opaque": "hydra:v2.3.0…tokens=opaque",
		"éééééééééééééééééééééééééééééééééééééééé": "éééééééééééé…ééééééééééééé",
	} {
		if got := shortName(name, 26); got != want {
			t.Errorf("shortName(%q, 26) = %q; want %q", name, got, want)
		}
	}
}
