package scenarios

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Whatever proves who the clients are, every scenario that heeds it works, with several
// clients, and with proofs of possession where they are taken.
func TestEveryClientAuthenticationWorks(t *testing.T) {
	for _, method := range ClientAuthMethods {
		if method == oauth.AuthTLS {
			continue // needs a handshake: see the embedded server
		}
		for _, dpop := range []bool{false, true} {
			p := Defaults()
			if err := p.SetClientAuth(method); err != nil {
				t.Fatal(err)
			}
			p.DPoP, p.Clients, p.Subjects = dpop, 3, 7
			var names []string
			for _, s := range All {
				if s.Unfit(newFakeServer().Capabilities(), p) == "" {
					names = append(names, s.Name)
				}
			}
			synctest.Test(t, func(t *testing.T) {
				for _, m := range trialWith(t, newFakeServer(), p, 100, 5*time.Second, names...).Measurements {
					if m.Outcomes.OK == 0 || m.Outcomes.Failed() > 0 {
						t.Errorf("%s, DPoP %v: %s: %+v, cases %v", method, dpop, m.Operation, m.Outcomes, m.Cases)
					}
				}
			})
		}
	}
}

// With many clients all of them are used, and the answers are judged by their own.
func TestClientsAndSubjectsAreSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeServer()
		p := Defaults()
		p.Clients, p.Subjects = 20, 50
		for _, m := range trialWith(t, s, p, 100, 30*time.Second, "token", "introspect", "userinfo").Measurements {
			if m.Outcomes.Failed() > 0 {
				t.Errorf("%s: %+v, %v", m.Operation, m.Outcomes, m.Cases)
			}
		}
		clients, subjects := map[string]bool{}, map[string]bool{}
		for _, tok := range s.tokens {
			clients[tok.client], subjects[tok.subject] = true, true
		}
		users := 0
		for name := range subjects {
			if strings.HasPrefix(name, "user-") {
				users++
			}
		}
		// 20 of each of three scenarios, and one for expired and one for refresh tokens.
		if len(clients) < 60 || users != 50 {
			t.Errorf("%d clients and %d users have tokens; want at least 60, and 50", len(clients), users)
		}
	})
}

func TestUnfitNamesWhatIsMissing(t *testing.T) {
	s := newFakeServer()
	s.lacks = []oauth.Capability{oauth.GrantDeviceCode, oauth.HasDPoP}
	client := generator.NewClientTransport(time.Second, s)
	open := func(p Parameters, name string) error {
		chosen, err := Find([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Open(t.Context(), chosen, Target{Server: s, HTTP: client.HTTP(), Parameters: p})
		return err
	}
	proofs, public, certificates := Defaults(), Defaults(), Defaults()
	proofs.DPoP, public.ClientAuth, certificates.ClientAuth = true, oauth.AuthNone, oauth.AuthTLS
	for _, c := range []struct {
		p          Parameters
		name, want string
	}{
		{Defaults(), "device", "device flow (RFC 8628)"},
		{proofs, "token", "DPoP (RFC 9449)"},
		{public, "token", "client_credentials grant for clients that prove nothing"},
		{certificates, "refresh", "tls_client_auth"},
	} {
		if err := open(c.p, c.name); err == nil || !strings.Contains(err.Error(), c.want) || s.issued > 0 ||
			len(s.clients) > 0 {
			t.Errorf("%s: %v, %d clients; want an error about %s before any request", c.name, err, len(s.clients),
				c.want)
		}
	}
}

// Scopes are sets (RFC 6749 section 3.3): one that a scenario asks for by itself may be
// asked for by the plan too, and an answer names it once.
func TestScopesAreSets(t *testing.T) {
	for _, scope := range []string{"bench", "openid bench offline_access", "write bench write",
		"offline_access openid"} {
		synctest.Test(t, func(t *testing.T) {
			p := Defaults()
			p.Scope = scope
			for _, m := range trialWith(t, newFakeServer(), p, 100, 10*time.Second,
				"token", "introspect", "revoke", "refresh", "refresh-retry", "authcode", "device", "jwt-bearer",
				"exchange", "userinfo").Measurements {
				if m.Outcomes.Failed() > 0 {
					t.Errorf("scope %q: %s: %+v, %v", scope, m.Operation, m.Outcomes, m.Cases)
				}
			}
		})
	}
}

// Chains of refreshes begin throughout a trial, and each has a proof of its own time: the
// server takes none that is older than a minute.
func TestProofsOfChainsAreOfTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := Defaults()
		p.DPoP, p.ChainLength = true, 2
		got := trialWith(t, newFakeServer(), p, 100, 5*time.Minute, "refresh")
		m := got.Measurement("refresh")
		if m.Outcomes.Failed() > 0 {
			t.Errorf("%+v, %v", m.Outcomes, m.Cases)
		}
	})
}
