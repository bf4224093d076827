package varied

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// starts is how many fresh starts of the server a cell at a fixed rate has: what starts
// differ is known from several alone.
const starts = 3

// defaultLength is how long a trial of a cell at a fixed rate is.
const defaultLength = 30 * time.Second

// mostSearch is how long a search for capacity may take unless the budget says otherwise.
const mostSearch = 10 * time.Minute

// What the start of a target takes at most, about.
const (
	startOwn        = 10 * time.Second
	startContainers = 40 * time.Second
	rowsPerSecond   = 10_000 // filled at the least
)

// patience is how much longer than planned trials at a fixed rate may take: what preparing
// them takes is known when the server runs.
const patience = 1.5

// length of the trials of a cell at a fixed rate.
func length(p plan.Plan) time.Duration {
	if p.Duration > 0 {
		return p.Duration
	}
	return defaultLength
}

// starting is what a cell needs before its first trial, at the most.
func starting(p plan.Plan) time.Duration {
	took := startOwn
	server, _, _ := strings.Cut(p.Candidate, ":")
	for _, s := range containers.Servers {
		if s.Name == server {
			took = startContainers
		}
	}
	took += time.Duration(max(p.Replicas, 1)-1) * took / 4
	if d, err := containers.ParseDataset(p.Dataset); err == nil {
		consents := d.Consents * int64(p.Parameters.Subjects) * int64(p.Parameters.Clients)
		took += time.Duration(float64(d.Clients+d.Tokens+consents) / rowsPerSecond * float64(time.Second))
	}
	return took + p.WaitQuiet
}

// cost is what cells take at the most.
func cost(cells []cell) time.Duration {
	var sum time.Duration
	for _, c := range cells {
		sum += starting(c.plan)
		if !c.plan.AutomaticRates() {
			each := length(c.plan) + 2*time.Second + starting(c.plan)/4
			sum += time.Duration(patience * starts * float64(each))
		} else {
			sum += time.Duration(c.plan.SearchesEach()[0]) * (mostSearch + c.plan.Soak)
		}
	}
	return sum
}

// costWords say what a grid takes before it starts.
func costWords(cells []cell, budget time.Duration) string {
	each := "a search for capacity each, of which most take 3 to 10 minutes"
	if !cells[0].plan.AutomaticRates() {
		each = fmt.Sprintf("%s with a trial of %v each", digits.Count(starts, "fresh start"), length(cells[0].plan))
		if targets.RunsElsewhere(cells[0].plan.Candidate) {
			each = fmt.Sprintf("%s of %v each", digits.Count(starts, "trial"), length(cells[0].plan))
		}
	}
	return fmt.Sprintf("cost: %s one after another, %s: at most %v; then it ends with what it knows",
		digits.Count(len(cells), "cell"), each, budget.Round(time.Second))
}

// Foresee says what a grid would measure and what that costs, and finds what is wrong with it.
// Nothing is started.
func Foresee(p plan.Plan) (cells []string, words string, err error) {
	all, err := cellsOf(p)
	if err != nil {
		return nil, "", err
	}
	for _, c := range all {
		cells = append(cells, c.name)
	}
	return cells, costWords(all, cmp.Or(p.Budget, cost(all))), nil
}

// leastCost is what starting the servers of all cells takes.
func leastCost(cells []cell) time.Duration {
	var sum time.Duration
	for _, c := range cells {
		sum += starting(c.plan)
	}
	return sum
}
