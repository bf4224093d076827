package targets

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/bench/http1"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// reach fills in the endpoints that were not given by hand, by discovery, and learns
// what the server can do. No user can be played there, so that what needs one does not
// fit, whatever the metadata says.
func (s *externalServer) reach(ctx context.Context, text string) (*Deployment, error) {
	connect, err := s.connect()
	if err != nil {
		return nil, err
	}
	given := oauth.Metadata{Endpoints: s.endpoints, Grants: []string{string(oauth.GrantClientCredentials)},
		AuthMethods: []string{s.client.Method}}
	notes := blanks(s.client, s.resource)
	if s.endpoints.Issuer != "" {
		found, err := s.discover(ctx, connect)
		if err != nil {
			return nil, err
		}
		for _, odd := range found.Odd {
			notes = append(notes, "metadata: "+odd)
		}
		given.Endpoints, given.Address, given.ProofAlgs = s.endpoints, found.Address, found.ProofAlgs
	}
	s.can = append(given.Capabilities(), oauth.NotOurs)
	elsewhere := ""
	if base := s.settings["instance"]; base != "" {
		u, err := url.Parse(s.endpoints.Introspection)
		if err != nil {
			return nil, err
		}
		elsewhere = strings.TrimSuffix(base, "/") + u.RequestURI()
	}
	service, note, err := s.processes(ctx, connect, elsewhere)
	if err != nil {
		return nil, err
	}
	spent := func() bench.Spending { return bench.Spending{} }
	if service != nil {
		spent = func() bench.Spending { return bench.Spending{Server: service.Usage()} }
	}
	notes = append([]string{note}, notes...)
	return &Deployment{
		Server:    s,
		Scope:     s.settings["scope"],
		Elsewhere: elsewhere,
		Connect:   connect,
		Notes:     append(notes, s.sentTo(elsewhere)...),
		Identity:  bench.Deployment{Name: text, Server: "external", Settings: s.identity(given.Address)},
		Spent:     spent,
		Lasting:   true,
		Restart:   func(ctx context.Context) error { return awaitConnection(ctx, s.endpoints.Token, connect) },
		Death:     func(ctx context.Context) string { return refusesConnections(ctx, s.endpoints.Token, connect) },
		Close:     func() error { return nil },
	}, nil
}

// connect is where connections to the issuer's host go instead; nil for nowhere else.
func (s *externalServer) connect() (map[string]string, error) {
	to := s.settings["connect"]
	if to == "" {
		return nil, nil
	}
	u, err := url.Parse(s.endpoints.Issuer)
	if err != nil {
		return nil, err
	}
	port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	return map[string]string{net.JoinHostPort(u.Hostname(), port): to}, nil
}

// discover takes from the metadata what was not given by hand. The client that reads it
// is of the load's kind, so that both go the same way: HTTP/1.1, and no proxy.
func (s *externalServer) discover(ctx context.Context, connect map[string]string) (oauth.Metadata, error) {
	client := generator.OpenClient(generator.ClientOptions{Timeout: s.timeout, Connections: 1, Connect: connect})
	defer client.Close()
	var found oauth.Metadata
	var err error
	if place := s.settings["metadata"]; place != "" {
		found, err = oauth.ReadMetadata(ctx, client.HTTP(), place, s.endpoints.Issuer)
	} else {
		found, err = oauth.DiscoverMetadata(ctx, client.HTTP(), s.endpoints.Issuer)
	}
	e := &s.endpoints
	if complete := e.Token != "" && e.Introspection != "" && e.Revocation != ""; err != nil && !complete {
		if brokeOff(err) && s.speaksHTTP2(ctx, connect) {
			err = fmt.Errorf("%w: the server speaks HTTP/2 there, and the load is HTTP/1.1 alone", err)
		}
		return found, err
	}
	e.TokenIssuer = cmp.Or(e.TokenIssuer, found.TokenIssuer)
	byName := map[string]string{}
	for _, f := range found.All() {
		byName[f.Member] = *f.Address
	}
	for _, own := range e.All() {
		address := byName[own.Member]
		switch own.Member {
		case "token_endpoint", "introspection_endpoint", "revocation_endpoint", "jwks_uri":
		default:
			continue // nothing is sent there
		}
		if *own.Address != "" || address == "" {
			continue
		}
		if err := oauth.CheckFound(e.Issuer, oauth.Named{Member: own.Member, Address: &address}); err != nil {
			return found, fmt.Errorf("%w (%s=ADDRESS)", err, settingOf[own.Member])
		}
		*own.Address = address
	}
	return found, nil
}

// brokeOff tells whether a server ended a connection instead of answering on it.
func brokeOff(err error) bool {
	for _, end := range []string{http1.BrokenNew.String(), http1.Malformed.String(), "no application protocol"} {
		if strings.Contains(err.Error(), end) {
			return true
		}
	}
	return false
}

// speaksHTTP2 tells whether the issuer's host takes HTTP/2 (RFC 9113 section 3.2): of one
// that breaks an HTTP/1.1 connection that is mostly the reason.
func (s *externalServer) speaksHTTP2(ctx context.Context, connect map[string]string) bool {
	u, err := url.Parse(s.endpoints.Issuer)
	if err != nil || u.Scheme != "https" {
		return false
	}
	address := net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "443"))
	within, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	dialer := tls.Dialer{Config: &tls.Config{ServerName: u.Hostname(), NextProtos: []string{"h2"}}}
	conn, err := dialer.DialContext(within, "tcp", cmp.Or(connect[address], address))
	if err != nil {
		return false
	}
	defer conn.Close()
	return conn.(*tls.Conn).ConnectionState().NegotiatedProtocol == "h2"
}

// settingOf are the settings by which endpoints are given by hand.
var settingOf = map[string]string{
	"token_endpoint": "token", "introspection_endpoint": "introspection", "revocation_endpoint": "revocation",
	"jwks_uri": "jwks",
}

// identity are the settings as they came to be, with the endpoints that were found: a
// reader of the run must know where secrets and load went.
func (s *externalServer) identity(metadata string) map[string]string {
	all := maps.Clone(s.settings)
	delete(all, "pid") // It is another after each start.
	e := s.endpoints
	for key, value := range map[string]string{
		"issuer": e.Issuer, "token": e.Token, "introspection": e.Introspection, "revocation": e.Revocation,
		"jwks": e.JWKS, "token_issuer": e.TokenIssuer, "metadata": metadata,
	} {
		if value != "" {
			all[key] = value
		}
	}
	return all
}

// sentTo says where credentials and load go, and that no proxy is on the way though the
// environment names one.
func (s *externalServer) sentTo(elsewhere string) []string {
	var hosts []string
	for _, address := range []string{s.endpoints.Token, s.endpoints.Introspection, s.endpoints.Revocation, elsewhere} {
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			hosts = append(hosts, u.Scheme+"://"+u.Host)
		}
	}
	notes := []string{"credentials and load were sent to " + strings.Join(unique(hosts), ", ")}
	if to := s.settings["connect"]; to != "" {
		notes = append(notes, "connections to the issuer's host were made to "+to)
	}
	if named := proxyVariables(); len(named) > 0 {
		notes = append(notes, "no proxy is used: metadata and load were sent directly, though the environment has "+
			strings.Join(named, ", "))
	}
	return notes
}

// proxyVariables are the environment variables that name a proxy. Their values may hold a
// password.
func proxyVariables() []string {
	var named []string
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} {
		for _, name := range []string{name, strings.ToLower(name)} {
			if os.Getenv(name) != "" {
				named = append(named, name)
			}
		}
	}
	return named
}

func unique(texts []string) []string {
	var all []string
	seen := map[string]bool{}
	for _, t := range texts {
		if !seen[t] {
			seen[t] = true
			all = append(all, t)
		}
	}
	return all
}
