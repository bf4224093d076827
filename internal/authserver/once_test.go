package authserver

import (
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// race sends one request from 16 callers at once and counts those that succeed. Every
// other one must be refused with code.
func (f *fixture) race(what, code string, try func() answer) int64 {
	f.Helper()
	var won atomic.Int64
	var callers sync.WaitGroup
	for range 16 {
		callers.Go(func() {
			if a := try(); a.status == http.StatusOK {
				won.Add(1)
			} else if got := oauth.ParseError(a.body); got != code {
				f.Errorf("%s = %s; want %s", what, a, code)
			}
		})
	}
	callers.Wait()
	return won.Load()
}

// What counts once counts once also when many bring it at the same time.
func TestOnce(t *testing.T) {
	for _, db := range databases() {
		f := open(t, quick(t, settings.V2, "db="+db))
		k := newKey(t, jose.ES256)
		c := f.client(func(b *Registration) {
			b.Keys, b.GrantTypes = k.set(), []string{deviceGrant, "refresh_token", bearerGrant, "client_credentials"}
		})
		for range 4 {
			d := f.device(c, "read offline_access")
			f.decide(settings.AcceptDevicePath, DeviceAnswer{UserCode: d.UserCode, Subject: "acct:alice"})
			assertion := url.Values{"grant_type": {bearerGrant},
				"assertion": {k.sign(f.claims(c.ClientID, "acct:bob", nil))}}
			proof := f.proof(k, "POST", f.endpoints.Token, "", nil)
			for _, once := range []struct {
				what, code string
				try        func() answer
			}{
				{"device code", "invalid_grant", func() answer { return f.poll(c, d.DeviceCode) }},
				{"assertion", "invalid_grant", func() answer { return f.ask(f.endpoints.Token, c, assertion, nil) }},
				{"proof", "invalid_dpop_proof", func() answer { return f.bound(c, credentialsGrant, proof) }},
			} {
				if n := f.race(once.what, once.code, once.try); n != 1 {
					t.Errorf("%s: a %s counts %d times; want once", db, once.what, n)
				}
			}
		}
	}
}

// Within the grace every retry succeeds, also those that come at the same time.
func TestConcurrentRetries(t *testing.T) {
	for _, db := range databases() {
		faulty(t, "refresh_grace=10s&db="+db, func(f *fixture) {
			c := f.register(oauth.AuthBasic, 0)
			first := f.session(c, "read offline_access")
			request := oauth.Refresh(f.endpoints.Token, c, first.RefreshToken)
			if n := f.race("retry", "", func() answer { return f.send(request) }); n != 16 {
				f.Errorf("%d of 16 retries succeeded; want all", n)
			}
			f.wantActive("access token of before", first.AccessToken, true)
		})
	}
}
