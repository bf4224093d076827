package page

import (
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// addFacts sorts the properties of the versions by whether they differ.
func (p *page) addFacts(s *summary.Summary) {
	for _, f := range summary.Facts(s) {
		f.Values = summary.OrNone(f.Values)
		if f.Differ {
			p.Differ = append(p.Differ, f)
		} else {
			p.Same = append(p.Same, f)
		}
	}
}

// machine lists what is known of the machine.
func machine(e bench.Environment) []summary.Fact {
	var fs []summary.Fact
	add := func(name, value string) {
		if value != "" && value != "0" {
			fs = append(fs, summary.Fact{Name: name, Values: []string{plaintext.Line(value)}})
		}
	}
	add("system", strings.Trim(e.OS+"/"+e.Arch, "/"))
	add("kernel", e.Kernel)
	add("processor", e.CPU)
	add("cores", strconv.Itoa(e.Cores))
	add("GOMAXPROCS of the generator", strconv.Itoa(e.GOMAXPROCS))
	if e.Memory > 0 {
		add("memory", units.Digits(float64(e.Memory)/(1<<30))+" GiB")
	}
	add("Go", e.Go)
	return fs
}

// when prints a date, "" for the zero time.
func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2 January 2006, 15:04 UTC")
}

func repeatOf(run *bench.Run) pageRepeat {
	return pageRepeat{Command: plaintext.Shell(run.Command), Seed: strconv.FormatUint(run.Seed, 10)}
}
