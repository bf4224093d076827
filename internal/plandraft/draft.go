// Package plandraft writes a plan file to begin with: what was given, and every other key with
// its default, as a comment.
package plandraft

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/internal/terminal"
	"github.com/oauthbench/oauthbench/scenarios"
)

// Draft is a plan file that is not written yet.
type Draft struct {
	Command string
	Plan    plan.Plan
	// Given are the keys that were given; the others are comments, but for the targets.
	Given []string
	// Notes stand at its head.
	Notes []string
}

// Probe asks every server of the plan what it can do, and keeps the scenarios that fit all of
// them. Servers that only tell by themselves are reached or started for it, and ended.
func (d *Draft) Probe(ctx context.Context) error {
	asked, err := targets.OfPlan(d.Plan)
	if err != nil {
		return err
	}
	unfit := map[string]string{}
	for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
		t, there := asked[role]
		if !there {
			continue
		}
		can, err := t.Capabilities(ctx)
		if err != nil {
			return err
		}
		for _, s := range scenarios.All {
			if why := s.Unfit(can, d.Plan.Parameters); why != "" && unfit[s.Name] == "" {
				unfit[s.Name] = t.Text + ": " + why
			}
		}
	}
	var fitting []string
	for _, s := range scenarios.All {
		if unfit[s.Name] == "" {
			fitting = append(fitting, s.Name)
		} else {
			d.Notes = append(d.Notes, fmt.Sprintf("does not fit: %s (%s)", s.Name, unfit[s.Name]))
		}
	}
	d.Notes = append([]string{"fits: " + strings.Join(fitting, ", ")}, d.Notes...)
	d.Plan.Scenarios = slices.DeleteFunc(slices.Clone(d.Plan.Scenarios), func(name string) bool {
		return unfit[name] != ""
	})
	if len(d.Plan.Scenarios) == 0 {
		d.Plan.Scenarios = fitting
	}
	if len(d.Plan.Scenarios) == 0 {
		return &targets.UsageError{Err: fmt.Errorf("no scenario fits %s",
			plaintext.Target(d.Plan.Candidate))}
	}
	if d.Plan.Mix == nil && !slices.Contains(d.Given, "scenario") {
		d.Given = append(d.Given, "scenario")
	}
	return nil
}

// Write writes the plan as YAML.
func (d Draft) Write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# A plan for oauthbench %s: docs/plan.md says more of each key.\n", d.Command)
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "# %s\n", strings.ReplaceAll(terminal.Plain(n), "\n", " "))
	}
	for _, group := range plan.Groups {
		heading := fmt.Sprintf("\n# %s\n", group)
		for _, k := range plan.For(d.Command) {
			if k.Group != group || k.Name == "extend" {
				continue
			}
			line, err := d.line(k)
			if err != nil {
				return err
			}
			b.WriteString(heading + line)
			heading = ""
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// line is one key, with its value when it was given or is a target, else as a comment.
func (d Draft) line(k plan.Key) (string, error) {
	values := k.Shown(&d.Plan)
	if k.Name == "candidate" {
		for _, text := range d.Plan.More {
			values = append(values, plaintext.Target(text))
		}
	}
	target := k.NamesTarget() && len(values) > 0 && (d.Command != plan.Capacity || slices.Contains(d.Given, k.Name))
	if !slices.Contains(d.Given, k.Name) && !target || len(values) == 0 {
		value := k.Default
		switch {
		case k.Switch():
			value = "true"
		case value == "":
			value = k.Value
		}
		return fmt.Sprintf("# %-34s # %s\n", k.Name+": "+value, k.Usage), nil
	}
	var value any = typed(k, values[0])
	if k.Repeat {
		value = list(k, values)
	}
	text, err := yaml.Marshal(map[string]any{k.Name: value})
	if err != nil {
		return "", fmt.Errorf("%s: %w", k.Name, err)
	}
	return fmt.Sprintf("# %s\n%s", k.Usage, text), nil
}

// list is the value of a key that may be repeated: alone when it is one.
func list(k plan.Key, values []string) any {
	if k.Name == "scenario" {
		values = strings.Split(values[0], ",")
	}
	if len(values) == 1 {
		return values[0]
	}
	return values
}

// typed is a value as YAML has it: numbers and switches are no strings.
func typed(k plan.Key, value string) any {
	if k.Switch() || k.Value == "YESNO" {
		return value == "true"
	}
	if n, err := strconv.ParseInt(value, 10, 64); err == nil && k.Value == "NUMBER" {
		return n
	}
	return value
}
