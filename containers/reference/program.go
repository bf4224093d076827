// Package reference runs oauthbench's own embedded server in a container made of its
// own binary: no registry is needed. What it can be told, what it can do and where its
// interfaces are is internal/authserver/settings' to say.
package reference

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Server is the reference server.
var Server = stack.Server{
	Name:     "reference",
	Summary:  "oauthbench's own server, generations v1 and v2, in an image made of this program",
	Example:  "reference:v1",
	Tested:   targets(),
	Settings: ownSettings(),
	Program:  program,
}

// targets are all generations.
func targets() []string {
	var all []string
	for _, version := range settings.Versions() {
		all = append(all, "reference:"+version)
	}
	return all
}

// ownSettings are those of the embedded server but for the database, which is the
// stack's.
func ownSettings() []stack.Setting {
	var all []stack.Setting
	for _, known := range settings.All() {
		if known.Key == "db" {
			continue
		}
		x := stack.Setting{Key: known.Key, Summary: known.Help + defaultOf(known), Allowed: known.Allowed,
			Valid: known.Valid}
		if known.Alias != "" {
			x.Aliases = []string{known.Alias}
		}
		all = append(all, x)
	}
	return all
}

// defaultOf tells the default, by generation where they differ; nothing where it has no
// effect.
func defaultOf(known settings.Setting) string {
	var all []string
	for _, version := range settings.Versions() {
		all = append(all, known.Default(version)+" in "+version)
	}
	first, _, _ := strings.Cut(all[0], " ")
	if !slices.ContainsFunc(all, func(s string) bool { return !strings.HasPrefix(s, first+" in ") }) {
		all = []string{first}
	}
	if first == "" {
		return ""
	}
	return "; default " + strings.Join(all, ", ")
}

const (
	publicPort = 4444
	adminPort  = 4445
	schema     = "oauthbench_reference"
)

func program(s stack.Spec, v stack.Values) (stack.Program, error) {
	if !slices.Contains(settings.Versions(), s.Version) {
		return stack.Program{}, fmt.Errorf("no generation %q: use %s", s.Version, strings.Join(targets(), " or "))
	}
	given := url.Values{"db": {settings.Postgres}}
	for key, value := range v {
		given.Set(key, value)
	}
	set, err := settings.Parse(s.Version, given)
	if idle := set.Idle(); err == nil && idle != "" {
		err = errors.New(idle)
	}
	if err != nil {
		return stack.Program{}, err
	}
	p := stack.Program{
		Build:    build,
		Settings: recorded(set, v),
		Public:   publicPort,
		Admin:    adminPort,
		Metrics:  settings.MetricsPath,
		Health:   func(at stack.Site) string { return at.Issuer + settings.HealthPath },
		Growth:   growth(s.Version),
		Serve: func(at stack.Site) stack.Command {
			args := []string{
				"serve", "--issuer", at.Issuer, "--schema", schema,
				"--listen", fmt.Sprintf("0.0.0.0:%d", publicPort), "--admin", fmt.Sprintf("0.0.0.0:%d", adminPort),
			}
			for _, pair := range set.Assignments() {
				args = append(args, "--set", pair)
			}
			return stack.Command{
				Args: append(args, s.Version), Env: map[string]string{settings.PostgresVariable: at.DSN.String()},
			}
		},
		Upgrade:       upgradeOf(set, s.Version),
		Endpoints:     func(at stack.Site) oauth.Endpoints { return settings.Endpoints(at.Issuer, s.Version) },
		Capabilities:  set.Capabilities(),
		Register:      register,
		Introspection: introspection,
		Authorize:     authorize,
		Approve:       approve,
	}
	if set.TLS {
		p.Secure, p.SetUp, p.Certificate = true, trust, clientCertificate
		// The admin interface answers when the public one does, and needs no trust.
		p.Health = func(at stack.Site) string { return at.Admin + settings.AuthorityPath }
	}
	return p, nil
}

// recorded are the settings that have an effect, for the Deployment, as runs have been
// stored with them, old names included: a fingerprint compares them.
func recorded(set settings.Settings, given stack.Values) map[string]string {
	m := map[string]string{
		"access_token": set.Tokens, "hasher": set.Hasher,
		"access_ttl":  cmp.Or(given["access_ttl"], short(set.AccessTTL)),
		"refresh_ttl": cmp.Or(given["refresh_ttl"], short(set.RefreshTTL)),
	}
	if set.Hasher == settings.HasherBCrypt {
		m["bcrypt_cost"] = fmt.Sprint(set.BCryptCost)
	} else {
		m["pbkdf2_iterations"] = fmt.Sprint(set.PBKDF2Rounds)
	}
	for key, value := range given {
		switch key {
		case "tokens", "hasher", "access_ttl", "refresh_ttl", "bcrypt_cost", "pbkdf2_rounds":
		default:
			m[key] = value
		}
	}
	return m
}

// short is a duration without the units that are zero: 720h, 90s as 1m30s.
func short(d time.Duration) string {
	text := strings.TrimSuffix(d.String(), "m0s")
	if len(text) < len(d.String()) {
		text += "m"
	}
	if hours, ok := strings.CutSuffix(text, "h0m"); ok {
		text = hours + "h"
	}
	return text
}

// Image is the name of the image that is made of the program.
const Image = "reference"

// build makes the image of the program that was named, or of this one.
func build(ctx context.Context, e *engine.Engine, o stack.Options) (string, error) {
	file := o.Binary
	if file == "" {
		var err error
		if file, err = os.Executable(); err != nil {
			return "", fmt.Errorf("find this program's own file: %w", err)
		}
	}
	return e.ProgramImage(ctx, Image, "oauthbench", file)
}
