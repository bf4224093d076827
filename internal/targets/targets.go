// Package targets knows what can be measured: the embedded server, servers that run
// elsewhere, servers in containers. It reads a target as the user wrote it, starts it or
// reaches it, and knows by which properties two measurements must agree before their
// figures may be compared. It sends no load and prints nothing.
package targets

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/nearest"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/scenarios"
)

// Target is a --baseline, --candidate or --target that has been understood, and not
// been started.
type Target struct {
	Text string // as the user wrote it, but for what may be a secret
	// Can is what its server can do; nil when only the server itself tells.
	Can oauth.Capabilities
	// Effective are the settings that have an effect, as far as they are known before the
	// start; nil when only the server itself knows them.
	Effective map[string]string
	// WarmUp is about how long a fresh process of it needs under load until it is at its speed; 0
	// for one that is there at once.
	WarmUp time.Duration
	// Start starts the target, or reaches it when it runs already. It tells progress
	// what takes its time.
	Start func(ctx context.Context, progress func(string)) (*Deployment, error)
}

// Kind is one kind of server that can be measured.
type Kind struct {
	Name     string // before the colon of a target
	Summary  string
	Versions string    // what may follow the colon
	Settings []Setting // what may follow a question mark
	Examples []string
	// parse finds what is wrong with a target without starting anything. Parse adds its
	// text.
	parse func(text, version string, values url.Values, p plan.Plan) (Target, error)
}

// Deployment is a started target.
type Deployment struct {
	scenarios.Server
	Identity  bench.Deployment
	Scope     string            // that clients ask for
	Elsewhere string            // introspection endpoint of another instance, "" for none
	Connect   map[string]string // where connections to an address are made instead, nil for nowhere else
	TLS       *tls.Config       // certificates that are trusted and shown; nil for the usual ones
	Notes     []string          // what the reader must know of it
	Spent     func() bench.Spending
	ResetPeak func() // nil where that cannot be
	// Watch looks at the connections to the database until stop is called; nil where that cannot be.
	Watch   func() (stop func() *bench.Waits)
	Restart func(ctx context.Context) error // fresh processes, same data
	// Lasting says that Restart gives no fresh processes: all trials are of one start.
	Lasting bool
	// Death tells how the server ended by itself, "" while it lives; nil where that cannot
	// be known.
	Death func(ctx context.Context) string
	// Causes are what its parts say is wrong with them; nil where they cannot be asked.
	Causes func() []bench.Cause
	Close  func() error
	// Instances are where requests to further instances go, by the addresses of the first;
	// nil when there is one alone.
	Instances func() [][]Base
	// RestartCost is about what a restart takes, to fit trials into a budget.
	RestartCost time.Duration
}

// Kinds are all kinds there are.
func Kinds() []Kind {
	return append([]Kind{embedded, external}, containerKinds()...)
}

// Examples are targets to begin with, for completion.
func Examples() []string {
	var examples []string
	for _, k := range Kinds() {
		examples = append(examples, k.Examples...)
	}
	return examples
}

// KindOf is the kind of server that a target names, the zero Kind for one that there is not.
func KindOf(text string) Kind {
	name, _, _ := strings.Cut(text, ":")
	if name == "http" || name == "https" {
		return external
	}
	for _, k := range Kinds() {
		if k.Name == name {
			return k
		}
	}
	return Kind{}
}

// RunsElsewhere tells whether a target is the address of a server that runs already.
func RunsElsewhere(text string) bool { return KindOf(text).Name == external.Name }

// Parse reads server:version?key=value&key=value, or the address of a server that runs
// already. Nothing is started. Its errors are UsageErrors.
func Parse(text string, p plan.Plan) (Target, error) {
	fail := func(format string, args ...any) (Target, error) {
		return Target{}, &UsageError{fmt.Errorf("target %q: %w", shown(text), fmt.Errorf(format, args...))}
	}
	rest, query, _ := strings.Cut(text, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return fail("settings: %w", err)
	}
	name, version, _ := strings.Cut(rest, ":")
	if name == "http" || name == "https" {
		name, version = external.Name, rest
	}
	kinds := Kinds()
	i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		var names []string
		for _, k := range kinds {
			names = append(names, k.Name)
		}
		return fail("unknown server %q: %s, and https://issuer (see oauthbench targets)", name,
			nearest.Cure(name, names))
	}
	if version == "" {
		return fail("names no version: write %s:<version>, with one of %s", name, kinds[i].Versions)
	}
	if err := checkReplicas(p); err != nil {
		return fail("%w", err)
	}
	t, err := kinds[i].parse(text, version, values, p)
	if err != nil {
		return fail("%w", err)
	}
	t.Text = plaintext.Target(text)
	return t, nil
}

// OfPlan understands the targets of a plan without starting anything.
func OfPlan(p plan.Plan) (map[bench.Role]Target, error) {
	texts := map[bench.Role]string{bench.Candidate: p.Candidate}
	if p.Baseline != "" {
		texts[bench.Baseline] = p.Baseline
	}
	asked := map[bench.Role]Target{}
	for role, text := range texts {
		t, err := Parse(text, p)
		if err != nil {
			return nil, err
		}
		asked[role] = t
	}
	return asked, nil
}

// Capabilities are what a target's server can do. One that runs elsewhere is asked; one
// that tells by itself is started for it.
func (t Target) Capabilities(ctx context.Context) (oauth.Capabilities, error) {
	if t.Can != nil {
		return t.Can, nil
	}
	d, err := t.Start(ctx, func(string) {})
	if err != nil {
		return nil, &StartError{Err: fmt.Errorf("start %s: %w", t.Text, err)}
	}
	capable, ok := d.Server.(scenarios.Capable)
	if err := d.Close(); err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%s does not tell what it can do", t.Text)
	}
	return capable.Capabilities(), nil
}

// Fit fails when the target is known to be unable to run the plan's scenarios.
func (t Target) Fit(p plan.Plan) error {
	if t.Can == nil {
		return nil
	}
	chosen, err := scenarios.Find(p.Scenarios)
	if err == nil {
		err = scenarios.Fit(chosen, t.Can, p.Parameters)
	}
	if err != nil {
		return &UsageError{fmt.Errorf("target %q: %w", t.Text, err)}
	}
	return nil
}

// DirectoryName is a target as part of a path.
func DirectoryName(target string) string {
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '_'
	}, plaintext.Target(target))
	return safe[:min(len(safe), 60)]
}

// shown is a target without what may be a secret, which must not reach a log either.
func shown(text string) string {
	text = plaintext.Target(text)
	scheme, rest, found := strings.Cut(text, "://")
	at := strings.LastIndex(rest, "@")
	if !found || at < 0 {
		return text
	}
	return scheme + "://***@" + rest[at+1:]
}
