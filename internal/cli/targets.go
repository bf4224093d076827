package cli

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"oauthbench/bench"
	"oauthbench/bench/generator"
	"oauthbench/internal/oauth"
	"oauthbench/internal/plan"
	"oauthbench/scenarios"
)

// target is a --baseline, --candidate or --target that has been understood.
type target struct {
	text string
	parsed
}

// parsed is what a target says before it is started.
type parsed struct {
	start startTarget
	// can is what its server can do; nil when only the server itself tells.
	can oauth.Capabilities
}

// startTarget starts a target, or reaches it when it runs already. It tells progress
// what takes its time.
type startTarget func(ctx context.Context, progress func(string)) (*deployment, error)

// targetServer is one kind of server that can be measured.
type targetServer struct {
	name     string // before the colon of a target
	summary  string
	versions string // what may follow the colon
	settings string // what may follow a question mark
	examples []string
	// parse finds what is wrong with a target without starting anything.
	parse func(text, version string, values url.Values, p plan.Plan) (parsed, error)
}

// deployment is a started target.
type deployment struct {
	scenarios.Server
	identity  bench.Deployment
	scope     string            // that clients ask for
	elsewhere string            // introspection endpoint of another instance, "" for none
	tls       *tls.Config       // certificates that are trusted and shown; nil for the usual ones
	beside    *generator.Client // for questions beside the load, nil until it is opened
	notes     []string          // what the reader must know of it
	spent     func() bench.Spending
	resetPeak func()                          // nil where that cannot be
	restart   func(ctx context.Context) error // fresh processes, same data
	close     func() error
	// restartCost is about what a restart takes, to fit trials into a budget.
	restartCost time.Duration
}

// targetServers are all kinds there are.
func targetServers() []targetServer {
	return append([]targetServer{embedded, external}, containerServers()...)
}

// targetExamples are targets to begin with, for completion.
func targetExamples() []string {
	var examples []string
	for _, s := range targetServers() {
		examples = append(examples, s.examples...)
	}
	return examples
}

// parseTarget reads server:version?key=value&key=value, or the address of a server
// that runs already.
func parseTarget(text string, p plan.Plan) (target, error) {
	fail := func(format string, args ...any) (target, error) {
		return target{}, fmt.Errorf("target %q: %w", text, fmt.Errorf(format, args...))
	}
	rest, query, _ := strings.Cut(text, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return fail("settings: %w", err)
	}
	name, version, _ := strings.Cut(rest, ":")
	if name == "http" || name == "https" {
		name, version = external.name, rest
	}
	servers := targetServers()
	i := slices.IndexFunc(servers, func(s targetServer) bool { return s.name == name })
	if i < 0 {
		var names []string
		for _, s := range servers {
			names = append(names, s.name)
		}
		return fail("unknown server %q: there are %s, and https://issuer (see oauthbench targets)", name, strings.Join(names, ", "))
	}
	if version == "" {
		return fail("names no version: write %s:<version>, with one of %s", name, servers[i].versions)
	}
	understood, err := servers[i].parse(text, version, values, p)
	if err != nil {
		return fail("%w", err)
	}
	return target{text, understood}, nil
}

func targetsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "targets",
		Short: "List the servers that can be measured",
		Example: `  oauthbench targets
  oauthbench run --target 'embedded:v2?tokens=jwt'`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, s := range targetServers() {
				fmt.Fprintf(w, "%s:<version>\t%s\n\tversions\t%s\n\tsettings\t%s\n\texamples\t%s\n",
					s.name, s.summary, s.versions, s.settings, strings.Join(s.examples, "  "))
			}
			return w.Flush()
		},
	}
}
