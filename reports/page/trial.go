package page

import (
	"fmt"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

type pageTrial struct {
	N                                                      int
	Role, Class, Place, Started, Offered, Achieved, Failed string
	Lag, CPU, Foreign, Steal, State                        string
}

func newPageTrial(s *summary.Summary, i int) pageTrial {
	t := &s.Run.Trials[i]
	p := pageTrial{
		N: i + 1, Role: s.ColumnOf(t.Role), Class: string(t.Role), Started: t.Started.UTC().Format("15:04:05"),
		Place: fmt.Sprintf("%d / %d", t.Epoch+1, t.Pair+1), Offered: units.Rate(t.Offered),
		Achieved: units.Rate(t.Achieved),
		Lag:      units.None, CPU: units.None, Foreign: units.None, Steal: units.None,
	}
	var failed int64
	for _, m := range t.Measurements {
		failed += m.Outcomes.Failed()
	}
	p.Failed = units.Count(failed)
	if v, known := s.SendLag(t); known {
		p.Lag = units.TickMilliseconds(units.Significant(v))
	}
	if v, known := summary.CpuPerRequest(func(t *bench.Trial) bench.Usage { return t.Server })(t); known {
		p.CPU = units.TickMilliseconds(units.Significant(v))
	}
	if t.Machine.Known {
		p.Foreign, p.Steal = fmt.Sprintf("%.1f %%", 100*t.Machine.Foreign), fmt.Sprintf("%.1f %%", 100*t.Machine.Steal)
	}
	switch {
	case t.Warmup:
		p.State = "warm-up"
	case len(t.Excluded) > 0:
		p.State = "excluded"
	case !s.InComparison[i]:
		p.State = "left out with its pair"
	case t.Unverified != "":
		p.State = "counts, not verified"
	default:
		p.State = "counts"
	}
	return p
}
