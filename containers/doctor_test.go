package containers

import (
	"testing"
	"time"
)

func TestDoctorChecks(t *testing.T) {
	now := time.Now()
	tests := []struct {
		what string
		got  Check
		want Verdict
	}{
		{"an old engine", checkAPI("1.39"), Failed},
		{"an engine whose minor version has two digits", checkAPI("1.41"), Good},
		{"an engine that tells no version", checkAPI(""), Failed},
		{"an engine elsewhere", checkHost("tcp://10.1.2.3:2376"), Failed},
		{"an engine here", checkHost("unix:///run/user/1000/podman/podman.sock"), Good},
		{"one core", checkCPUs(1, 1, DoctorOptions{}), Warning},
		{"a virtual machine", checkCPUs(4, 8, DoctorOptions{}), Warning},
		{"more than there is", checkCPUs(2, 2, DoctorOptions{Server: Limits{CPUs: 4}}), Failed},
		{"no memory limit, none asked", checkLimits(true, false, 1<<30, DoctorOptions{}), Warning},
		{"no memory limit, one asked", checkLimits(true, false, 1<<30, DoctorOptions{Server: Limits{Memory: 1}}),
			Failed},
		{"too much memory", checkLimits(true, true, 1<<30, DoctorOptions{Database: Limits{Memory: 2 << 30}}), Failed},
		{"the same clock", checkClock(now.Format(time.RFC3339Nano), now), Good},
		{"another clock", checkClock(now.Add(3*time.Second).Format(time.RFC3339Nano), now), Warning},
		{"no clock", checkClock("", now), Warning},
	}
	for _, tt := range tests {
		if tt.got.Verdict != tt.want {
			t.Errorf("%s: %+v; want %s", tt.what, tt.got, tt.want)
		}
		if (tt.got.Verdict == Good) != (tt.got.Meaning == "") {
			t.Errorf("%s: meaning %q with verdict %s", tt.what, tt.got.Meaning, tt.got.Verdict)
		}
	}
}

// Doctor finds the engine, and says of everything that is not well what it means.
func TestDoctor(t *testing.T) {
	catalogue, _ := toys(t, nil)
	spec, err := catalogue.Parse("toy:v1")
	if err != nil {
		t.Fatal(err)
	}
	checks := Doctor(t.Context(), DoctorOptions{Targets: []Spec{spec}, Server: Limits{CPUs: 4096}})
	found := map[string]Verdict{}
	for _, c := range checks {
		found[c.Name] = c.Verdict
		if c.Verdict != Good && c.Meaning == "" {
			t.Errorf("check %s failed without a meaning", c.Name)
		}
	}
	if found["cpu"] != Failed || found["engine"] != Good || found["image"] != Good {
		t.Errorf("%v; want 4096 CPUs refused, engine and image found", found)
	}
}
