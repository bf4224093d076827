// Package plancheck says what a plan would have done, with which values and at what cost, and
// starts nothing.
package plancheck

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/internal/varied"
	"github.com/oauthbench/oauthbench/scenarios"
)

// Check is what a plan comes to.
type Check struct {
	Command  string   `json:"command"` // that the plan is for
	File     string   `json:"file,omitempty"`
	Targets  []Target `json:"targets"`
	Would    []string `json:"would"` // be done, a sentence each
	Cost     []string `json:"cost"`
	Notes    []string `json:"notes,omitempty"` // what is missing before it can run
	Settings []Value  `json:"settings"`        // all of them, in the order of the help
}

// Target is one version that would be measured.
type Target struct {
	Role   string `json:"role"`
	Target string `json:"target"`
	Kind   string `json:"kind"`
}

// Value is one key with the value that counts.
type Value struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	From  string `json:"from"` // a flag, a variable, file and line, or default
}

// Of looks at the plan of a command. From says where the values of keys are from, where they
// are no defaults. Its errors are those that the command would end with at once.
func Of(command, file string, p plan.Plan, from map[string]string) (Check, error) {
	c := Check{Command: command, File: file}
	if command == plan.Selftest {
		p.Baseline = p.Candidate
	}
	if err := c.lookAtTargets(p); err != nil {
		return c, err
	}
	if len(p.Vary) > 0 {
		if err := c.foreseeGrid(p); err != nil {
			return c, err
		}
	} else if command == plan.Capacity {
		if err := p.CheckCapacity(); err != nil {
			return c, err
		}
		c.foreseeSearch(p)
	} else if err := c.foresee(p); err != nil {
		return c, err
	}
	if command == plan.Selftest {
		p.Baseline = ""
	}
	c.Settings = values(command, p, from)
	return c, nil
}

// lookAtTargets understands the targets without starting them. Secrets that are not set are
// noted: a plan may be looked at where they are not.
func (c *Check) lookAtTargets(p plan.Plan) error {
	type side struct{ role, text string }
	sides := []side{{string(bench.Candidate), p.Candidate}}
	if p.Baseline != "" {
		sides = []side{{string(bench.Baseline), p.Baseline}, {string(bench.Candidate), p.Candidate}}
	} else if len(p.More) == 0 {
		sides[0].role = "target"
	}
	for _, text := range p.More {
		sides = append(sides, side{string(bench.Candidate), text})
	}
	var compared []targets.Target
	for _, s := range sides {
		name, _, _ := strings.Cut(s.text, ":")
		shown := plaintext.Target(s.text)
		c.Targets = append(c.Targets, Target{s.role, shown, targets.KindOf(s.text).Summary})
		one := p
		one.Candidate, one.More = s.text, nil
		t, err := targets.Parse(s.text, one)
		if name == "http" || name == "https" || name == "external" {
			c.note("%s runs already, and is loaded: measure only what you may load", shown)
		}
		if unset, is := errors.AsType[*targets.UnsetError](err); is {
			c.note("%s needs %s, which is not set: it must hold the %s", shown, unset.Name, unset.Hold)
			continue
		}
		if err != nil {
			return err
		}
		if err := t.Fit(one); err != nil {
			return err
		}
		compared = append(compared, t)
	}
	if p.Baseline == "" || len(p.Vary) > 0 {
		return nil
	}
	for _, candidate := range compared[min(1, len(compared)):] {
		if err := session.WarmInTime([]targets.Target{compared[0], candidate}, p); err != nil {
			return &targets.UsageError{Err: err}
		}
	}
	return nil
}

func (c *Check) note(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(c.Notes, n) {
		c.Notes = append(c.Notes, n)
	}
}

// foresee says what a run or a comparison comes to.
func (c *Check) foresee(p plan.Plan) error {
	compares := p.Baseline != ""
	f, err := session.Foresee(p, compares)
	if err != nil {
		return &targets.UsageError{Err: err}
	}
	c.Would = append(c.Would, loadOf(p))
	times := ""
	if n := 1 + len(p.More); compares && n > 1 {
		times = fmt.Sprintf(", for each of %d candidates", n)
	}
	if compares {
		profile := p.EffectiveProfile()
		epochs, pairs := profile.Epochs, profile.Pairs
		if f.Size.Trials > 0 {
			epochs = f.Size.Profile.Epochs
			c.Would = append(c.Would, fmt.Sprintf("%d trials of %v, gates on %s", f.Size.Trials, f.Size.Length,
				percentiles(f.Size.Quantiles)))
		}
		c.Would = append(c.Would, fmt.Sprintf("at most %s of each version, %s of each per start%s",
			digits.Count(epochs, "fresh start"), digits.Count(pairs, "trial"), times))
		for _, m := range f.Size.Missing {
			c.Would = append(c.Would, fmt.Sprintf("%s does not gate: it would take a budget of %v",
				verdict.Percentile(m.Quantile), m.Budget))
		}
	} else {
		c.Would = append(c.Would, fmt.Sprintf("one trial of %v", p.Duration))
	}
	c.Cost = append(c.Cost, fmt.Sprintf("at most %v and the start of the servers%s", f.Most.Round(time.Second), times))
	if n := f.Arrivals(); n > 0 {
		c.Cost = append(c.Cost, fmt.Sprintf("about %d requests to each version, warm-ups and preparation not counted",
			n))
	} else {
		c.Cost = append(c.Cost, "how many requests is known when a pilot has found the rates")
	}
	return nil
}

// foreseeSearch says what a search for capacity comes to.
func (c *Check) foreseeSearch(p plan.Plan) {
	var searches []string
	for _, n := range p.SearchesEach() {
		searches = append(searches, strconv.Itoa(n))
	}
	c.Would = append(c.Would, loadOf(p), fmt.Sprintf("searches of each version for the highest rate that keeps %s: %s",
		limitsOf(p), strings.Join(searches, " or ")))
	if p.Soak > 0 {
		c.Would = append(c.Would, fmt.Sprintf("a trial of %v at nine tenths of the certified rate", p.Soak))
	}
	budget, _ := p.SearchBudget()
	c.Cost = append(c.Cost, fmt.Sprintf("at most %v and the start of the servers", budget),
		"how many trials is known, and said, when a pilot has found what the server carries")
}

// foreseeGrid says which cells there are and what they cost.
func (c *Check) foreseeGrid(p plan.Plan) error {
	cells, cost, err := varied.Foresee(p)
	if err != nil {
		return err
	}
	c.Would = append(c.Would, loadOf(p))
	const most = 12
	for i, name := range cells {
		if i == most {
			c.Would = append(c.Would, fmt.Sprintf("and %d more cells", len(cells)-most))
			break
		}
		c.Would = append(c.Would, "a cell with "+name)
	}
	c.Cost = append(c.Cost, strings.TrimPrefix(cost, "cost: "))
	return nil
}

// loadOf says what is sent.
func loadOf(p plan.Plan) string {
	var parts []string
	for _, name := range p.Scenarios {
		part := name
		if p.Mix != nil {
			part += fmt.Sprintf(" %.3g %%", 100*p.Part(name))
		} else {
			part += " " + p.Rate(name).String()
		}
		parts = append(parts, part)
	}
	load := strings.Join(parts, ", ")
	switch {
	case p.Mix != nil:
		load += " of " + p.Rates[""].String() + " together"
	case p.Isolate:
		load += ", one after another"
	case len(parts) > 1:
		load += ", mixed"
	}
	return load + ", " + p.Process + " arrivals"
}

func limitsOf(p plan.Plan) string {
	var all []string
	for _, slo := range p.SLOs {
		all = append(all, strings.TrimPrefix(slo.String(), plan.EachOperation+" "))
	}
	return strings.Join(all, " and ")
}

func percentiles(quantiles []float64) string {
	var all []string
	for _, q := range quantiles {
		all = append(all, verdict.Percentile(q))
	}
	return strings.Join(all, " and ")
}

// values are all settings as they count.
func values(command string, p plan.Plan, from map[string]string) []Value {
	parameters := map[string]string{}
	for _, s := range p.Parameters.Settings(scenarios.All) {
		parameters[s.Key] = s.Value
	}
	var all []Value
	for _, k := range plan.For(command) {
		if command == plan.Capacity && (k.Name == "target") == (p.Baseline != "") &&
			slices.Contains([]string{"target", "baseline", "candidate"}, k.Name) {
			continue // The other names of what is measured.
		}
		shown := k.Shown(&p)
		if k.Name == "candidate" {
			for _, text := range p.More {
				shown = append(shown, plaintext.Target(text))
			}
		}
		v := Value{k.Name, strings.Join(shown, ", "), from[k.Name]}
		if v.From == "" {
			v.From = "default"
			v.Value = cmp.Or(k.Default, v.Value, parameters[k.Name])
		}
		switch k.Name {
		case "budget":
			budget := p.EffectiveProfile().Budget
			if command == plan.Capacity {
				budget, _ = p.SearchBudget()
			}
			v.Value = budget.String()
			if len(p.Vary) > 0 && p.Budget == 0 {
				v.Value = "what the cells take"
			}
		case "out":
			if !p.OutByTime {
				v.Value = p.Out
			}
		case "wait-quiet":
			v.Value = p.WaitQuiet.String()
		case "binary":
			if p.Binary != "" {
				v.Value = p.Binary
			}
		}
		all = append(all, v)
	}
	return all
}
