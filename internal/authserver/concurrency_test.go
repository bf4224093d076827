package authserver

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/internal/oauth"
)

// 64 callers mint, introspect and revoke at once. Nobody sees a fault of the server,
// and no token is active after its revocation was answered.
func TestConcurrentLife(t *testing.T) {
	everywhere(t, func(f *fixture) {
		c, resource := f.register(oauth.AuthBasic, 0), f.resource()
		do := func(r oauth.Request) answer {
			a, err := send(f.http, r)
			if err != nil || a.status != http.StatusOK {
				f.Errorf("%s = %s (%v); want 200", r.URL, a, err)
			}
			return a
		}
		active := func(token string) bool {
			i, err := oauth.ParseIntrospection(do(oauth.Introspect(f.endpoints.Introspection, resource, token)).body)
			if err != nil {
				f.Error(err)
			}
			return i.Active
		}
		var callers sync.WaitGroup
		for range 64 {
			callers.Go(func() {
				for range 4 {
					token, err := oauth.ParseToken(do(oauth.ClientCredentials(f.endpoints.Token, c, "read")).body)
					if err != nil {
						f.Error(err)
						return
					}
					if !active(token.AccessToken) {
						f.Error("a token is inactive that was just issued")
					}
					do(oauth.Revoke(f.endpoints.Revocation, c, token.AccessToken, ""))
					if active(token.AccessToken) {
						f.Error("a token is active after its revocation was answered")
					}
				}
			})
		}
		callers.Wait()
	})
}

// Callers that give up leave no trace in the requests of others.
func TestAbandonedRequests(t *testing.T) {
	everywhere(t, func(f *fixture) {
		c, resource := f.register(oauth.AuthBasic, 0), f.resource()
		var callers sync.WaitGroup
		for i := range 32 {
			callers.Go(func() {
				for n := range 10 {
					ctx, cancel := context.WithCancel(f.Context())
					if i%2 == 0 {
						time.AfterFunc(time.Duration(i*n)*20*time.Microsecond, cancel)
					}
					abandoned := i%2 == 0
					r := oauth.ClientCredentials(f.endpoints.Token, c, "read")
					if n%2 == 0 {
						r = oauth.Introspect(f.endpoints.Introspection, resource, "unknown")
					}
					req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
					if err != nil {
						f.Error(err)
						cancel()
						return
					}
					req.Header = r.Header
					resp, err := f.http.Do(req)
					if err == nil {
						io.Copy(io.Discard, resp.Body)
						resp.Body.Close()
					}
					if !abandoned && (err != nil || resp.StatusCode != http.StatusOK) {
						f.Errorf("%s = %+v, %v; want 200", r.URL, resp, err)
					}
					cancel()
				}
			})
		}
		callers.Wait()
		f.token(c, "read")
	})
}

// Readers that race with a revocation may see either state, but never active again
// once one of them has seen the token inactive, or the revocation is answered.
func TestRevocationIsFinal(t *testing.T) {
	everywhere(t, func(f *fixture) {
		c, resource := f.register(oauth.AuthBasic, 0), f.resource()
		for round := range 4 {
			token := f.session(c, "read offline_access")
			var dead atomic.Bool
			stop := make(chan struct{})
			var readers sync.WaitGroup
			for range 8 {
				readers.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
						}
						mustBeDead := dead.Load()
						a, err := send(f.http, oauth.Introspect(f.endpoints.Introspection, resource, token.AccessToken))
						i, parseErr := oauth.ParseIntrospection(a.body)
						if err != nil || parseErr != nil {
							f.Errorf("introspect = %s (%v)", a, err)
							return
						}
						if i.Active && mustBeDead {
							f.Error("a revoked token is active again")
						}
						if !i.Active {
							dead.Store(true)
						}
					}
				})
			}
			// By its own value, or by its refresh token.
			f.revoke(c, []string{token.AccessToken, token.RefreshToken}[round%2], "")
			dead.Store(true)
			f.wantActive("revoked token", token.AccessToken, false)
			close(stop)
			readers.Wait()
		}
	})
}

// Of many concurrent exchanges of one refresh token, or of one code, one succeeds at
// most; and as the others are reuses, nothing of the grant is active afterwards.
func TestConcurrentExchange(t *testing.T) {
	everywhere(t, func(f *fixture) {
		c := f.register(oauth.AuthBasic, 0)
		race := func(what string, try func() (answer, error)) {
			var won atomic.Int64
			var tokens sync.Map
			var callers sync.WaitGroup
			for range 16 {
				callers.Go(func() {
					a, err := try()
					switch {
					case err != nil:
						f.Error(err)
					case a.status == http.StatusOK:
						won.Add(1)
						token, err := oauth.ParseToken(a.body)
						if err != nil {
							f.Error(err)
						}
						tokens.Store(token.AccessToken, "access token")
						tokens.Store(token.RefreshToken, "refresh token")
					case a.status != http.StatusBadRequest || oauth.ParseError(a.body) != "invalid_grant":
						f.Errorf("%s = %s; want invalid_grant", what, a)
					}
				})
			}
			callers.Wait()
			if n := won.Load(); n > 1 {
				f.Errorf("%s succeeded %d times; want once at most", what, n)
			}
			tokens.Range(func(token, kind any) bool {
				f.wantActive(fmt.Sprintf("%s won in a race for a %s", kind, what), token.(string), false)
				return true
			})
		}
		for range 3 {
			first := f.session(c, "read offline_access")
			request := oauth.Refresh(f.endpoints.Token, c, first.RefreshToken)
			race("refresh token", func() (answer, error) { return send(f.http, request) })
			f.wantActive("first access token after a race", first.AccessToken, false)

			code := f.code(c, "read offline_access")
			race("code", func() (answer, error) { return f.exchange(c, code, verifier), nil })
		}
	})
}

// A rotation that races with the revocation of its grant must not leave a live token.
func TestRotationRacesRevocation(t *testing.T) {
	everywhere(t, func(f *fixture) {
		c := f.register(oauth.AuthBasic, 0)
		for range 12 {
			first := f.session(c, "read offline_access")
			var got answer
			var err error
			var callers sync.WaitGroup
			callers.Go(func() { got, err = send(f.http, oauth.Refresh(f.endpoints.Token, c, first.RefreshToken)) })
			callers.Go(func() {
				if a, err := send(f.http, oauth.Revoke(f.endpoints.Revocation, c, first.RefreshToken,
					"")); err != nil || a.status != http.StatusOK {
					f.Errorf("revoke = %s (%v)", a, err)
				}
			})
			callers.Wait()
			if err != nil {
				f.Fatal(err)
			}
			if got.status == http.StatusOK {
				next := f.granted(got)
				f.wantActive("access token rotated into a revocation", next.AccessToken, false)
				f.wantActive("refresh token rotated into a revocation", next.RefreshToken, false)
			}
		}
	})
}
