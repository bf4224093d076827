package catalogue

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/oauthbench/oauthbench/internal/help"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/internal/terminal"
	"github.com/oauthbench/oauthbench/scenarios"
)

// Scenario is one workload.
type Scenario struct {
	Name    string `json:"name"`
	Source  string `json:"source"` // of its checks: a specification
	Summary string `json:"summary"`
	Fits    *bool  `json:"fits,omitempty"` // whether a server can be asked for it; nil without a server
	Why     string `json:"why,omitempty"`  // it does not fit
}

// Mix is a named mix of them.
type Mix struct {
	Name    string             `json:"name"`
	Weights map[string]float64 `json:"weights"`
	Summary string             `json:"summary"`
}

// Scenarios are all workloads, and what fits a server when one was asked.
type Scenarios struct {
	Scenarios  []Scenario `json:"scenarios"`
	Mixes      []Mix      `json:"mixes"`
	ClientAuth []string   `json:"client_auth,omitempty"` // that a server takes
	fitting    bool
}

// AllScenarios lists the workloads.
func AllScenarios() Scenarios {
	var all Scenarios
	for _, s := range scenarios.All {
		all.Scenarios = append(all.Scenarios, Scenario{Name: s.Name, Source: s.Source, Summary: s.Summary})
	}
	for _, m := range scenarios.Mixes {
		all.Mixes = append(all.Mixes, Mix{m.Name, m.Weights, m.Summary})
	}
	return all
}

// Fitting lists the workloads, and which of them a server can be asked for.
func Fitting(can oauth.Capabilities, p scenarios.Parameters) Scenarios {
	all := AllScenarios()
	all.fitting = true
	for i, s := range scenarios.All {
		why := s.Unfit(can, p)
		fits := why == ""
		all.Scenarios[i].Fits, all.Scenarios[i].Why = &fits, why
	}
	for _, m := range scenarios.ClientAuthMethods {
		if name, _, _ := strings.Cut(m, ":"); can.Has(oauth.Capability(name)) {
			all.ClientAuth = append(all.ClientAuth, m)
		}
	}
	return all
}

// WriteText writes the workloads with what they are, or whether they fit.
func (all Scenarios) WriteText(out io.Writer) error {
	if all.fitting {
		return all.writeFitting(out)
	}
	for _, s := range all.Scenarios {
		help.Entry(out, fmt.Sprintf("%-14s %s", s.Name, s.Source), [2]string{"", s.Summary})
	}
	for _, m := range all.Mixes {
		help.Entry(out, fmt.Sprintf("--mix %s  %s", m.Name, scenarios.Weights(m.Weights)), [2]string{"", m.Summary})
	}
	return nil
}

func (all Scenarios) writeFitting(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range all.Scenarios {
		answer := "fits"
		if s.Why != "" {
			answer = "does not fit: " + s.Why
		}
		terminal.Fprintf(w, "%s\t%s\n", s.Name, answer)
	}
	fmt.Fprintf(w, "--client-auth\t%s\n", strings.Join(all.ClientAuth, ", "))
	return w.Flush()
}
