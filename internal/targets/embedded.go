package targets

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/host"
	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/authserver/process"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/scenarios"
)

var embedded = Kind{
	Name:     "embedded",
	Summary:  "the built-in server, in a process of its own; v1 hashes secrets with BCrypt, v2 with PBKDF2",
	Versions: "v1, v2",
	Settings: embeddedSettings(),
	Examples: []string{"embedded:v1", "embedded:v2"},
	parse: func(text, version string, values url.Values, p plan.Plan) (Target, error) {
		if p.Dataset != "" {
			return Target{}, errors.New("dataset is for servers in containers: use reference:" + version)
		}
		if len(p.Limits) > 0 {
			return Target{}, errLimits
		}
		told, err := settings.Parse(version, values)
		if err != nil {
			return Target{}, err
		}
		if idle := told.Idle(); idle != "" {
			return Target{}, errors.New(idle)
		}
		start := func(ctx context.Context, _ func(string)) (*Deployment, error) {
			return startInstances(ctx, text, told, p)
		}
		return Target{Can: told.Capabilities(), Effective: effective(told), Start: start}, nil
	},
}

// effective are the settings that have an effect, with the version that they are of.
func effective(told settings.Settings) map[string]string {
	all := told.Map()
	all["version"] = told.Version
	return all
}

// startInstances starts as many instances as the plan has, all on the data of the first.
func startInstances(ctx context.Context, text string, told settings.Settings, p plan.Plan) (*Deployment, error) {
	certified := p.Parameters.ClientAuth == oauth.AuthTLS
	first, err := startEmbedded(ctx, text, told, certified, nil)
	if err != nil {
		return nil, err
	}
	var others []*Deployment
	for range p.Replicas - 1 {
		var one *Deployment
		if one, err = startEmbedded(ctx, text, told, certified, first.Server.(*process.Process)); err != nil {
			break
		}
		others = append(others, one)
	}
	first.join(others)
	if err != nil {
		return nil, errors.Join(err, first.Close())
	}
	return first, nil
}

// startEmbedded runs this program's serve command as a child process, beside another one when
// there is one. Clients show a certificate when they prove themselves by one.
func startEmbedded(ctx context.Context, text string, told settings.Settings, certified bool,
	beside *process.Process) (*Deployment, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := process.Start(ctx, process.Options{Command: []string{self, "serve"}, Settings: told, Beside: beside})
	if err != nil {
		return nil, err
	}
	trust, err := p.TLS()
	if err == nil && certified {
		var shown tls.Certificate
		if shown, err = p.ClientCertificate(ctx, scenarios.ClientDN); err == nil {
			trust.Certificates = []tls.Certificate{shown}
		}
	}
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return &Deployment{
		Server: p,
		TLS:    trust,
		Scope:  scenarios.DefaultScope,
		Identity: bench.Deployment{
			Name: text, Server: "embedded", Version: told.Version,
			Database: told.Database, Settings: told.Map(),
		},
		Spent:     func() bench.Spending { return embeddedSpent(p) },
		ResetPeak: func() { host.ResetPeak(p.PID()) },
		Restart:   p.Restart,
		Death:     p.Death,
		Causes:    func() []bench.Cause { return embeddedCauses(p.Log()) },
		Close:     p.Close,

		RestartCost: 300 * time.Millisecond,
	}, nil
}

// logTime begins a line of the log. Without it two trials that failed alike say the same.
var logTime = regexp.MustCompile(`^time=\S+ `)

// embeddedCauses are what the embedded server's log says is wrong: it logs nothing but its
// own faults, and requests that we took back, which are none. Of a full disk the last line
// is told that says so.
func embeddedCauses(log string) []bench.Cause {
	c := bench.Cause{Part: "server"}
	for line := range strings.Lines(log) {
		line = logTime.ReplaceAllString(strings.TrimSpace(line), "")
		if line == "" || strings.Contains(line, context.Canceled.Error()) {
			continue
		}
		switch {
		case bench.SaysDiskFull(line):
			c.Ailment, c.Log = bench.DiskFull, line
		case c.Ailment != bench.DiskFull:
			c.Ailment, c.Log = bench.Complained, line
		}
	}
	if c.Ailment == "" {
		return nil
	}
	return []bench.Cause{c}
}

// metricsTimeout bounds a reading of metrics.
const metricsTimeout = 3 * time.Second

// metricsClient keeps no connection that would outlive a restart of the server.
var metricsClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// embeddedSpent reads what the server has spent so far.
func embeddedSpent(p *process.Process) bench.Spending {
	ctx, cancel := context.WithTimeout(context.Background(), metricsTimeout)
	defer cancel()
	spent := bench.Spending{Server: host.ProcessUsage(p.PID())}
	if m, err := containers.ReadMetrics(ctx, metricsClient, p.AdminURL()+settings.MetricsPath); err == nil {
		spent.Runtime, spent.Pools, spent.Allocated = &m.Runtime, m.Pools, m.Allocated
	}
	return spent
}
