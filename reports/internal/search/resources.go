package search

import (
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// at are the trials of a side at its certified rate.
func (s *Search) at(x *searches.Searched) []*bench.Trial {
	var all []*bench.Trial
	for _, i := range x.AtTrials {
		all = append(all, &s.Run.Trials[i])
	}
	return all
}

// resources are what was spent at the certified rate. Each is "" where it is not known.
var resources = []struct {
	name  string
	short string // where there is little room
	of    func([]*bench.Trial) string
}{
	{"server CPU there", "server CPU", func(ts []*bench.Trial) string { return cpu(ts, serverUsage) }},
	{"database CPU there", "database CPU", func(ts []*bench.Trial) string { return cpu(ts, databaseUsage) }},
	{"server memory there, at most", "server memory", func(ts []*bench.Trial) string {
		return memory(ts, serverUsage)
	}},
	{"database memory there, at most", "", func(ts []*bench.Trial) string { return memory(ts, databaseUsage) }},
	{"commits there", "", func(ts []*bench.Trial) string {
		commits, seconds := 0.0, 0.0
		for _, t := range ts {
			if t.Counters == nil {
				return ""
			}
			commits, seconds = commits+float64(t.Counters.Commits), seconds+t.Elapsed.Seconds()
		}
		if seconds == 0 {
			return ""
		}
		return units.Rate(commits / seconds)
	}},
}

func serverUsage(t *bench.Trial) bench.Usage   { return t.Server }
func databaseUsage(t *bench.Trial) bench.Usage { return t.Database }

// cpu is the cores that were busy and what one request cost.
func cpu(trials []*bench.Trial, of func(*bench.Trial) bench.Usage) string {
	var spent, elapsed time.Duration
	var sent int64
	for _, t := range trials {
		u := of(t)
		if !u.Known {
			return ""
		}
		spent, elapsed, sent = spent+u.CPU, elapsed+t.Elapsed, sent+t.Sent
	}
	if elapsed == 0 || sent == 0 {
		return ""
	}
	cores := units.Digits(spent.Seconds() / elapsed.Seconds())
	return cores + " cores, " + units.Duration(spent/time.Duration(sent)) + " a request"
}

func memory(trials []*bench.Trial, of func(*bench.Trial) bench.Usage) string {
	var most int64
	for _, t := range trials {
		most = max(most, of(t).PeakRSS)
	}
	if most == 0 {
		return ""
	}
	return units.Digits(float64(most)/(1<<20)) + " MiB"
}

// grown is what all trials of a side added to its database, "" where it does not tell.
func grown(s *Search, x *searches.Searched) string {
	var rows, bytes int64
	trials := 0
	add := func(i int) bool {
		c := s.Run.Trials[i].Counters
		if c != nil {
			rows, bytes, trials = rows+c.RowsInserted-c.RowsDeleted, bytes+c.Bytes, trials+1
		}
		return c != nil
	}
	for _, l := range x.Searches {
		for _, p := range l.Points {
			if !add(p.Trial) {
				return ""
			}
		}
		for _, c := range l.Checks {
			add(c.Trial)
		}
	}
	if trials == 0 {
		return ""
	}
	return units.Count(rows) + " rows, " + units.Digits(float64(bytes)/(1<<20)) + " MiB"
}

// Row is one trial of the table of trials.
type Row struct {
	Number           int // Number counts the trials of the run, from 1.
	Role             bench.Role
	Start            int // Start is which start of the server, from 1.
	Phase            string
	Offered          string
	Achieved         string
	Times            []string // Times are as Search.Timed.
	Server, Database string   // Server and Database are cores.
	Outcome          string   // Outcome is "held", "failed", "disturbed" and the like.
	Why              string   // Why is empty for a trial that held.
}
