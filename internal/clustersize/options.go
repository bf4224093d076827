// Package clustersize answers what a peak needs, from stored runs: it reads what a user
// asks for, takes the evidence from the runs, and says what it assumed.
package clustersize

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/oauthbench/oauthbench/bench/sizing"
	"github.com/oauthbench/oauthbench/internal/flagvalue"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/reports"
)

// Options are what a user gives.
type Options struct {
	peak, headroom, retention, mean, mostBusy, memory string
	failures, surge, connections, reserved, pool      int
	cores, databaseCores, writes                      float64
	format, out, machine, measuredOn                  string
	guide                                             bool
}

// Flags adds the options to a command.
func (o *Options) Flags(f *pflag.FlagSet) {
	f.StringVar(&o.peak, "peak", "", "`RATES` to carry, such as 'token 300/s, introspect 4000/s'")
	f.StringVar(&o.headroom, "headroom", "50%", "`SHARE` of the peak that must be free at the peak")
	f.IntVar(&o.failures, "failures", 1, "`NUMBER` of instances that may be gone")
	f.IntVar(&o.surge, "surge", 0, "`NUMBER` of instances that an update adds before it takes one away")
	f.StringVar(&o.retention, "retention", "", "`DURATION` that rows are kept, such as 30d")
	f.StringVar(&o.mean, "mean", "100%", "`SHARE` of the peak that the mean rate of a day is")
	f.Float64Var(&o.cores, "cores", 0, "`CORES` of one instance (default as measured)")
	f.StringVar(&o.mostBusy, "most-busy", "80%", "`SHARE` of cores that may be busy")
	f.StringVar(&o.memory, "instance-memory", "", "`BYTES` of one instance, such as 512m")
	f.StringVar(&o.machine, "machine", "", "`FILE` of oauthbench hashes on the machine to plan for")
	f.StringVar(&o.measuredOn, "measured-on", "", "`FILE` of oauthbench hashes on the machine of the runs")
	f.Float64Var(&o.databaseCores, "database-cores", 0, "`CORES` of the database")
	f.Float64Var(&o.writes, "database-writes", 0, "`NUMBER` of writes that its disk can do a second")
	f.IntVar(&o.connections, "connections", 0, "`NUMBER` of connections that the database allows")
	f.IntVar(&o.reserved, "reserved", 10, "`NUMBER` of them that are for others")
	flagvalue.OneOf(f, &o.format, "format", "`FORMAT` to print", append(reports.SingleFormats(), kubernetes)...)
	f.BoolVar(&o.guide, "guide", false, "print what one core carries beside what the server's own guide says")
	f.StringVar(&o.out, "out", "", "`FOLDER` for all formats (default none)")
	f.IntVar(&o.pool, "pool", 0, "`NUMBER` of connections of one instance (default as measured)")
}

// asked are the options as they were understood.
type asked struct {
	demand    sizing.Demand
	machines  sizing.Machines
	retention time.Duration
	mean      float64
}

// understood reads the options. Errors name the value at fault.
func (o *Options) understood() (asked, error) {
	a := asked{demand: sizing.Demand{Failures: o.failures, Surge: o.surge}, mean: 1}
	var err error
	if a.demand.Peak, err = parsePeak(o.peak); err != nil {
		return a, err
	}
	if a.demand.Headroom, err = percent("headroom", o.headroom, 0, 10); err != nil {
		return a, err
	}
	if a.mean, err = percent("mean", o.mean, 0.001, 1); err != nil {
		return a, err
	}
	if a.machines.MostBusy, err = percent("most-busy", o.mostBusy, 0.01, 1); err != nil {
		return a, err
	}
	if a.retention, err = parseRetention(o.retention); err != nil {
		return a, err
	}
	for name, n := range map[string]int{"failures": o.failures, "surge": o.surge, "connections": o.connections,
		"reserved": o.reserved, "pool": o.pool} {
		if n < 0 || n > 100_000 {
			return a, fmt.Errorf("--%s %d: want 0 to 100000", name, n)
		}
	}
	for name, v := range map[string]float64{"cores": o.cores, "database-cores": o.databaseCores,
		"database-writes": o.writes} {
		if !(v >= 0 && v <= 1e9) {
			return a, fmt.Errorf("--%s %v: want 0 or more", name, v)
		}
	}
	a.machines.ServerCores, a.machines.DatabaseCores = o.cores, o.databaseCores
	a.machines.Connections, a.machines.ReservedOfThem, a.machines.Writes = o.connections, o.reserved, o.writes
	if a.machines.ServerMemory, err = parseBytes(o.memory); err != nil {
		return a, err
	}
	return a, nil
}

// parsePeak reads "token 300/s, introspect 4000/s".
func parsePeak(text string) (map[string]float64, error) {
	const example = "'token 300/s, introspect 4000/s, revoke 20/s'"
	if strings.TrimSpace(text) == "" {
		return nil, fmt.Errorf("--peak is missing: write %s", example)
	}
	peak := map[string]float64{}
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		if len(words) != 2 {
			return nil, fmt.Errorf("--peak %q: want an operation and a rate, as in %s", strings.TrimSpace(part),
				example)
		}
		rate, err := plan.ParseRate(words[1])
		if err != nil {
			return nil, fmt.Errorf("--peak %q: %w", strings.TrimSpace(part), err)
		}
		if rate.Auto {
			return nil, fmt.Errorf("--peak %q: want a rate such as 300/s", strings.TrimSpace(part))
		}
		if _, twice := peak[words[0]]; twice {
			return nil, fmt.Errorf("--peak has %s twice", words[0])
		}
		peak[words[0]] = rate.PerSecond
	}
	return peak, nil
}

// percent reads "50%".
func percent(name, text string, least, most float64) (float64, error) {
	number, ok := strings.CutSuffix(text, "%")
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !ok || !(n/100 >= least && n/100 <= most) {
		return 0, fmt.Errorf("--%s %q: want %g%% to %g%%", name, text, 100*least, 100*most)
	}
	return n / 100, nil
}

// parseRetention reads "30d" and what Go's durations can; "" is 0.
func parseRetention(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	if number, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseFloat(number, 64)
		if err == nil && n > 0 && n < 36500 {
			return time.Duration(n * 24 * float64(time.Hour)), nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("--retention %q: want a time such as 30d or 12h", text)
	}
	return d, nil
}

// parseBytes reads "512m" and "2g"; "" is 0.
func parseBytes(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	for unit, size := range map[string]float64{"k": 1 << 10, "m": 1 << 20, "g": 1 << 30} {
		if number, ok := strings.CutSuffix(strings.ToLower(text), unit); ok {
			if n, err := strconv.ParseFloat(number, 64); err == nil && n > 0 && n < 1e9 {
				return int64(n * size), nil
			}
		}
	}
	return 0, fmt.Errorf("--instance-memory %q: want a size such as 512m or 2g", text)
}
