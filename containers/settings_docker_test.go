package containers

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// TestSideBySide runs two stacks with different settings at once, as a comparison
// does, and checks that each has what it was given.
func TestSideBySide(t *testing.T) {
	for _, pair := range [][2]string{
		{"hydra:v1.11.10?access_token=jwt&db=postgres:13&access_ttl=5m",
			"hydra:v2.3.0?access_token=jwt&db=postgres:17&access_ttl=5m" +
				"&hasher=bcrypt&bcrypt_cost=5&env.LOG_LEVEL=warn"},
		{"glewlwyd:2.5.2?db=postgres:13&access_ttl=5m",
			"glewlwyd:2.7.6?db=postgres:17&access_ttl=5m&db.shared_buffers=64MB"},
	} {
		t.Run(pair[0]+" "+pair[1], func(t *testing.T) {
			e := requireDocker(t)
			run := "test-" + engine.Random(6)
			o := Options{RunID: run, Server: Limits{CPUs: 1.5, Memory: 512 << 20},
				Database: Limits{CPUs: 1, Memory: 1 << 30}}
			var stacks [2]*Stack
			var errs [2]error
			var group sync.WaitGroup
			for i, target := range pair {
				group.Go(func() {
					var spec Spec
					if spec, errs[i] = ParseSpec(target); errs[i] == nil {
						stacks[i], errs[i] = Start(t.Context(), spec, o)
					}
				})
			}
			group.Wait()
			err := errors.Join(errs[:]...)
			t.Cleanup(func() { nothingLeft(t, e, run) })
			for _, s := range stacks {
				if s != nil {
					t.Cleanup(func() {
						if err := s.Close(); err != nil {
							t.Error(err)
						}
					})
				}
			}
			skipWithoutImage(t, err)
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range stacks {
				conform(t, s)
				checkToken(t, s)
				d := s.Deployment()
				major := []string{"13.", "17."}[i]
				if v := d.Settings["db.server_version"]; !strings.HasPrefix(v, major) {
					t.Errorf("%s runs on PostgreSQL %q; want %s", d.Name, v, major)
				}
				if d.Settings["limit.cpus"] != "1.5" || d.Settings["db.limit.memory_bytes"] != "1073741824" {
					t.Errorf("%s: the limits are not recorded: %v", d.Name, d.Settings)
				}
			}
			if got := stacks[1].Deployment().Settings["db.shared_buffers"]; strings.HasPrefix(pair[0], "glewlwyd") &&
				got != "64MB" {
				t.Errorf("db.shared_buffers = %q; want the 64MB that were asked for", got)
			}
		})
	}
}

// checkToken looks at a token for the settings that it must show.
func checkToken(t *testing.T, s *Stack) {
	t.Helper()
	cred, err := s.RegisterClient(t.Context(), oauth.ClientSpec{
		Name: "settings", AuthMethod: oauth.AuthBasic, GrantTypes: []string{"client_credentials"}, Scope: "read",
	})
	if err != nil {
		t.Fatal(err)
	}
	status, body := send(t, t.Context(), oauth.ClientCredentials(s.Endpoints().Token, cred, "read"))
	token, err := oauth.ParseToken(body)
	if err != nil || status != http.StatusOK {
		t.Fatalf("token: %d %s %v", status, body, err)
	}
	if strings.Count(token.AccessToken, ".") != 2 {
		t.Errorf("%s gave %.20s…; want a JWT", s.Deployment().Name, token.AccessToken)
	}
	if token.ExpiresIn < 299 || token.ExpiresIn > 300 {
		t.Errorf("%s: expires_in = %d; want 300", s.Deployment().Name, token.ExpiresIn)
	}
}
