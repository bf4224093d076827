package stored

import (
	"testing"

	"github.com/oauthbench/oauthbench/bench"
)

// A setting that only one of two runs has makes their deployments differ, whichever is given first.
func TestDifferSeesSettingsOfBoth(t *testing.T) {
	with := func(settings map[string]string) bench.Deployment {
		return bench.Deployment{Server: "embedded", Version: "v2", Settings: settings}
	}
	for _, test := range []struct {
		a, b map[string]string
		want string
	}{
		{nil, nil, ""},
		{map[string]string{"pool": "5"}, map[string]string{"pool": "5"}, ""},
		{map[string]string{"pool": "5"}, map[string]string{"pool": "20"}, `pool "5" and "20"`},
		{map[string]string{"pool": "5"}, nil, `pool "5" and ""`},
		{nil, map[string]string{"pool": "5"}, `pool "" and "5"`},
		{map[string]string{"pool": "5"}, map[string]string{"pool": "5", "heap": "1g"}, `heap "" and "1g"`},
	} {
		if got := differ(with(test.a), with(test.b)); got != test.want {
			t.Errorf("%v and %v: %q; want %q", test.a, test.b, got, test.want)
		}
	}
}
