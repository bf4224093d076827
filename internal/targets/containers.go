package targets

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/scenarios"
)

// containerKinds are the servers that run in containers, as targets.
func containerKinds() []Kind {
	var all []Kind
	for _, s := range containers.Servers {
		all = append(all, Kind{
			Name:     s.Name,
			Summary:  s.Summary,
			Versions: "the image's tag",
			Settings: containerSettings(s.Settings),
			Examples: []string{s.Example},
			parse: func(text, version string, values url.Values, p plan.Plan) (Target, error) {
				spec, err := containers.ParseSpec(text)
				if err != nil {
					// Every kind of target begins its errors alike: see Parse.
					return Target{}, errors.New(strings.TrimPrefix(err.Error(),
						fmt.Sprintf("target %q: ", plaintext.Target(text))))
				}
				var rows *containers.Dataset
				if p.Dataset != "" {
					d, err := containers.ParseDataset(p.Dataset)
					if err != nil {
						return Target{}, err
					}
					if rows = &d; !spec.Fills(d) || d.Grants > 0 || d.Consents > 0 && !spec.FillsConsents() {
						return Target{}, fmt.Errorf("its database cannot be filled with %s", p.Dataset)
					}
					if err := checkConsents(d, p); err != nil {
						return Target{}, err
					}
				}
				start := func(ctx context.Context, progress func(string)) (*Deployment, error) {
					return startContainer(ctx, spec, rows, p, progress)
				}
				spec.Notes = append(slices.Clone(spec.Notes), idle(spec, p)...)
				effective := spec.Effective()
				effective["server"] = spec.Server + ":" + spec.Version
				return Target{Can: spec.Capabilities(), Effective: effective, WarmUp: spec.WarmUp(), Start: start}, nil
			},
		})
	}
	return all
}

// idle says which settings of a target its load does not heed.
func idle(spec containers.Spec, p plan.Plan) (notes []string) {
	chosen, err := scenarios.Find(p.Scenarios)
	if err != nil {
		return nil // which is told of the plan
	}
	for _, name := range spec.Idle(scenarios.NeedsOf(chosen)) {
		notes = append(notes, fmt.Sprintf(
			"the setting %s of %s has no effect on this load: no scenario of it heeds it "+
				"(%s)", name, spec.Server, strings.Join(p.Scenarios, ", ")))
	}
	return notes
}

// mostConsents bounds the rows of consents that a database is filled with: more take an hour.
const mostConsents = 2_000_000

// checkConsents refuses consents that no load would meet, and more than can be filled.
func checkConsents(d containers.Dataset, p plan.Plan) error {
	if d.Consents == 0 {
		return nil
	}
	chosen, err := scenarios.Find(p.Scenarios)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(chosen, func(s scenarios.Scenario) bool {
		return slices.Contains(s.Needs, oauth.LoginReturn)
	}) {
		return fmt.Errorf("consents_per_subject has no effect: no scenario of this load has users who return from a "+
			"login (%s): add --scenario login", strings.Join(p.Scenarios, ", "))
	}
	users := int64(p.Parameters.Subjects) * int64(p.Parameters.Clients)
	if d.Consents*users > mostConsents {
		return fmt.Errorf("consents_per_subject=%d of %d users at %d clients are %d rows, and %d are the most: "+
			"--subjects %d", d.Consents, p.Parameters.Subjects, p.Parameters.Clients, d.Consents*users, mostConsents,
			max(mostConsents/d.Consents/int64(max(p.Parameters.Clients, 1)), 1))
	}
	return nil
}

// startContainer starts a stack of containers: network, database, server.
func startContainer(ctx context.Context, spec containers.Spec, rows *containers.Dataset, p plan.Plan,
	progress func(string)) (*Deployment, error) {
	options := containers.Options{
		RunID:    fmt.Sprintf("%x-%d", p.Seed, os.Getpid()),
		Registry: p.Registry,
		Pull:     !p.Offline,
		Binary:   p.Binary,
		Progress: progress,
		Server:   limits(p.Limits["server"]),
		Database: limits(p.Limits["database"]),
	}
	// Each instance may have CPUs of its own.
	ofInstance := func(i int) containers.Options {
		one := options
		if i < len(p.ReplicaCPUs) {
			one.Server.CPUSet = p.ReplicaCPUs[i].String()
		}
		return one
	}
	stack, err := containers.Start(ctx, spec, ofInstance(0))
	if err != nil {
		return nil, err
	}
	trust := stack.TLS()
	if trust != nil && p.Parameters.ClientAuth == oauth.AuthTLS {
		shown, err := stack.ClientCertificate(ctx, scenarios.ClientDN)
		if err != nil {
			return nil, errors.Join(err, stack.Close())
		}
		trust.Certificates = []tls.Certificate{shown}
	}
	identity := stack.Deployment()
	notes := slices.Clone(spec.Notes)
	if rows != nil {
		progress("filling the database: " + rows.String())
		filled, err := stack.Fill(ctx, *rows)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("fill the database: %w", err), stack.Close())
		}
		identity.Settings = maps.Clone(identity.Settings)
		identity.Settings["dataset"] = rows.String()
		notes = append(notes, describeFilled(filled))
	}
	d := &Deployment{
		Notes:     notes,
		Server:    stack,
		TLS:       trust,
		Scope:     scenarios.DefaultScope,
		Identity:  identity,
		Spent:     stack.Spent,
		ResetPeak: stack.ResetPeak,
		Watch:     func() func() *bench.Waits { return containers.Watch(stack) },
		Restart:   stack.Restart,
		Death:     stack.Death,
		Causes:    stack.Causes,
		Close:     stack.Close,

		RestartCost: max(stack.RestartCost(), 3*time.Second),
	}
	others, err := startFurther(ctx, spec, stack, p.Replicas, ofInstance)
	d.join(others)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// startFurther starts the instances after the first, on its database.
func startFurther(ctx context.Context, spec containers.Spec, first *containers.Stack, n int,
	options func(i int) containers.Options) ([]*Deployment, error) {
	var all []*Deployment
	for i := 1; i < n; i++ {
		stack, err := first.Rehearsed().Successor(ctx, spec, options(i), true)
		if err != nil {
			return all, fmt.Errorf("instance %d of %d: %w", i+1, n, err)
		}
		all = append(all, &Deployment{
			Server: stack, Spent: stack.Spent, ResetPeak: stack.ResetPeak, Restart: stack.Restart, Death: stack.Death,
			Causes: stack.Causes, Close: stack.Close,
			RestartCost: max(first.RestartCost(), 3*time.Second),
		})
		if err := stack.Rehearsed().Launch(ctx); err != nil {
			return all, fmt.Errorf("instance %d of %d: %w", i+1, n, err)
		}
	}
	return all, nil
}

// describeFilled tells the row counts before and after, by table.
func describeFilled(f containers.Filled) string {
	var tables []string
	for _, name := range slices.Sorted(maps.Keys(f.After)) {
		tables = append(tables, fmt.Sprintf("%s %d -> %d", name, f.Before[name], f.After[name]))
	}
	return fmt.Sprintf("database filled with %s: %s rows; %d rows written in %v, %.0f a second",
		f.Dataset, strings.Join(tables, ", "), f.Written, f.Elapsed.Round(time.Millisecond), f.Rate())
}

func limits(l plan.Limits) containers.Limits {
	return containers.Limits{CPUs: l.CPUs, Memory: l.MemoryBytes, CPUSet: l.CPUSet.String()}
}
