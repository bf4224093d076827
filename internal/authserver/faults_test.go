package authserver

import (
	"net/http"
	"testing"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"github.com/oauthbench/oauthbench/internal/authserver/lapses"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Without faults in what it says a server has no lapses.
func TestNoLapseIsPlanted(t *testing.T) {
	if !lapses.New(quick(t, settings.V2, "fault.delay=1ms")).None() {
		t.Error("a delay plants lapses")
	}
}

// Each operation has its endpoints, and no fault of one strikes another.
func TestFaultsFindTheirOperation(t *testing.T) {
	for _, struck := range settings.Operations() {
		f := open(t, quick(t, settings.V2, "fault.errors=1@"+struck))
		e := f.endpoints
		for operation, requests := range map[string][]oauth.Request{
			"authorize": {{Method: http.MethodGet, URL: e.Authorization},
				{Method: http.MethodPost, URL: e.Authorization},
				{Method: http.MethodGet, URL: e.Issuer + settings.CallbackPath}},
			"token":      {oauth.ClientCredentials(e.Token, oauth.Credential{}, "")},
			"introspect": {oauth.Introspect(e.Introspection, f.resource(), "x")},
			"revoke":     {oauth.Revoke(e.Revocation, oauth.Credential{}, "x", "")},
			"jwks":       {{Method: http.MethodGet, URL: e.JWKS}},
			"discovery": {{Method: http.MethodGet, URL: e.Issuer + settings.MetadataPath},
				{Method: http.MethodGet, URL: e.Issuer + oidc.DiscoveryEndpoint}},
			"userinfo": {{Method: http.MethodGet, URL: e.Userinfo}, {Method: http.MethodPost, URL: e.Userinfo}},
			"device":   {oauth.Introspect(e.DeviceAuthorization, oauth.Credential{}, "")},
			"none":     {{Method: http.MethodGet, URL: e.Issuer + settings.HealthPath}},
		} {
			for _, r := range requests {
				if a := f.send(r); (a.status == http.StatusInternalServerError) != (operation == struck) {
					t.Errorf("a fault of %s: %s %s = %s", struck, r.Method, r.URL, a)
				}
			}
		}
	}
}
