package cli

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"oauthbench/bench"
	"oauthbench/internal/authserver"
	"oauthbench/scenarios"
)

// target is a parsed --baseline, --candidate or --target: server:version?settings.
type target struct {
	text    string
	server  targetServer
	version string
	values  url.Values
}

// targetServer is one kind of server that can be measured.
type targetServer struct {
	name     string
	summary  string
	versions string
	settings string
	// check finds what is wrong with a target without starting anything.
	check func(version string, values url.Values) error
	start func(ctx context.Context, t target) (*deployment, error)
}

// deployment is a started target.
type deployment struct {
	scenarios.Server
	identity  bench.Deployment
	spent     func() bench.Spending
	resetPeak func()
	restart   func(ctx context.Context) error // fresh processes, same data
	close     func() error
}

// targetServers are all kinds there are.
func targetServers() []targetServer {
	return []targetServer{{
		name:     "embedded",
		summary:  "the built-in server, in a process of its own; v1 hashes secrets with BCrypt, v2 with PBKDF2",
		versions: "v1, v2",
		settings: "tokens=opaque|jwt hasher=bcrypt|pbkdf2 bcrypt_cost= pbkdf2_rounds= access_ttl= refresh_ttl= db=sqlite|postgres",
		check: func(version string, values url.Values) error {
			_, err := authserver.ParseSettings(version, values)
			return err
		},
		start: startEmbedded,
	}}
}

// targetExamples are targets to begin with, for completion.
func targetExamples() []string {
	var examples []string
	for _, s := range targetServers() {
		for version := range strings.SplitSeq(s.versions, ", ") {
			examples = append(examples, s.name+":"+version)
		}
	}
	return examples
}

// parseTarget reads server:version?key=value&key=value.
func parseTarget(text string) (target, error) {
	t := target{text: text}
	rest, query, _ := strings.Cut(text, "?")
	name, version, ok := strings.Cut(rest, ":")
	servers := targetServers()
	i := slices.IndexFunc(servers, func(s targetServer) bool { return s.name == name })
	if i < 0 {
		var names []string
		for _, s := range servers {
			names = append(names, s.name)
		}
		return t, fmt.Errorf("target %q: unknown server %q: there are %s (see oauthbench targets)", text, name, strings.Join(names, ", "))
	}
	t.server, t.version = servers[i], version
	if !ok || version == "" {
		return t, fmt.Errorf("target %q names no version: write %s:<version>, with one of %s", text, name, t.server.versions)
	}
	var err error
	if t.values, err = url.ParseQuery(query); err != nil {
		return t, fmt.Errorf("target %q: settings: %w", text, err)
	}
	if err := t.server.check(version, t.values); err != nil {
		return t, fmt.Errorf("target %q: %w", text, err)
	}
	return t, nil
}

// startEmbedded runs this program's serve command as a child process.
func startEmbedded(ctx context.Context, t target) (*deployment, error) {
	settings, err := authserver.ParseSettings(t.version, t.values)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := authserver.Start(ctx, authserver.Options{Command: []string{self, "serve"}, Settings: settings})
	if err != nil {
		return nil, err
	}
	return &deployment{
		Server: p,
		identity: bench.Deployment{
			Name: t.text, Server: t.server.name, Version: t.version,
			Database: settings.Database, Settings: settings.Map(),
		},
		spent:     func() bench.Spending { return bench.Spending{Server: bench.ProcessUsage(p.PID())} },
		resetPeak: func() { bench.ResetPeak(p.PID()) },
		restart:   p.Restart,
		close:     p.Close,
	}, nil
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
				fmt.Fprintf(w, "%s:<version>\t%s\n\tversions\t%s\n\tsettings\t%s\n", s.name, s.summary, s.versions, s.settings)
			}
			return w.Flush()
		},
	}
}
