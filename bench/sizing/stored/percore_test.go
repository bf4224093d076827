package stored

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// spentOf is a run of one operation whose trials spent so many milliseconds of CPU on each of 1000 requests.
func spentOf(name string, each ...float64) Run {
	r := Run{Dir: name, Run: &bench.Run{}}
	r.Deployments = map[bench.Role]bench.Deployment{bench.Candidate: {Name: "keycloak:26.7.3", Server: "keycloak"}}
	for _, ms := range each {
		t := bench.Trial{Sent: 1000, Measurements: []bench.Measurement{{Operation: name}}}
		t.Role = bench.Candidate
		t.Server = bench.Usage{Known: true, CPU: time.Duration(ms * 1000 * float64(time.Millisecond))}
		r.Trials = append(r.Trials, t)
	}
	return r
}

// What one core carries is the inverse of what a request costs, with the interval of Student's t over
// trials: of 2, 2.1 and 1.9 ms the mean is 2 and half the interval 0.1 x 2.92 / sqrt(3).
func TestPerCore(t *testing.T) {
	warm := spentOf("token", 2, 2.1, 1.9)
	cold := bench.Trial{Sent: 1000, Measurements: []bench.Measurement{{Operation: "token"}}}
	cold.Role, cold.Warmup, cold.Server = bench.Candidate, true, bench.Usage{Known: true, CPU: time.Hour}
	warm.Trials = append(warm.Trials, cold)
	_, all, err := PerCore([]Run{warm, spentOf("refresh", 5, 5, 5)})
	if err != nil || len(all) != 2 || all[0].Operation != "refresh" || all[0].Rate != 200 {
		t.Fatalf("%+v, %v", all, err)
	}
	half := 0.1 * 2.919986 / math.Sqrt(3)
	for _, x := range []struct{ got, want float64 }{{all[1].Rate, 500}, {all[1].Low, 1000 / (2 + half)},
		{all[1].High, 1000 / (2 - half)}} {
		if math.Abs(x.got-x.want) > 1e-3*x.want {
			t.Errorf("%+v: %v; want %v", all[1], x.got, x.want)
		}
	}
}

// What cannot be told is refused with the reason.
func TestPerCoreNeedsOneOperationAndTrials(t *testing.T) {
	two := spentOf("token", 2, 2, 2)
	two.Trials[1].Measurements = append(two.Trials[1].Measurements, bench.Measurement{Operation: "refresh"})
	other := spentOf("token", 2, 2, 2)
	other.Deployments = map[bench.Role]bench.Deployment{bench.Candidate: {Server: "hydra"}}
	for want, runs := range map[string][]Run{
		"2 operations": {two}, "in 2 trials": {spentOf("token", 2, 2)},
		"different deployments": {spentOf("token", 2, 2, 2), other},
		"differs too much":      {spentOf("token", 0.1, 9, 0.1)}, "no run is given": nil,
		"no undisturbed trial": {spentOf("token")},
	} {
		if _, _, err := PerCore(runs); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}
