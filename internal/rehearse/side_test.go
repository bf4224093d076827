package rehearse

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/oauthbench/oauthbench/internal/oauth"
)

// A token whose own client is gone is dead, for nobody is told of it any more; that the resource server
// is refused is an error of the rehearsal.
func TestTokensOfClientsThatAreGone(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(server.Close)
	for _, own := range []bool{true, false} {
		s := &side{server: gone{}, http: newHTTP(nil), about: func(token string) (oauth.Request, bool) {
			return oauth.Introspect(server.URL, oauth.Credential{}, token), own
		}}
		if active, err := s.Active(t.Context(), "token"); active || (err == nil) != own {
			t.Errorf("asked by its own client %v: active %v, %v", own, active, err)
		}
	}
}

// gone is a server of which endpoints alone are asked.
type gone struct{ server }

func (gone) Endpoints() oauth.Endpoints { return oauth.Endpoints{} }
