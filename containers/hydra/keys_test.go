package hydra

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/oauthbench/oauthbench/containers/stack"
)

// A server that is cut off while it makes its keys is asked again; one that refuses is not.
func TestKeysAreAskedForAgain(t *testing.T) {
	for _, c := range []struct {
		what      string
		cut       int64 // how many answers are cut off
		status    int
		asked     int64
		succeeded bool
	}{
		{"at once", 0, http.StatusOK, 1, true},
		{"cut off once", 1, http.StatusOK, 2, true},
		{"refused", 0, http.StatusInternalServerError, 1, false},
	} {
		var asked atomic.Int64
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if asked.Add(1) <= c.cut {
				panic(http.ErrAbortHandler)
			}
			w.WriteHeader(c.status)
		}))
		defer server.Close()
		a, err := stack.NewAccess("v2.3.0", stack.Site{Issuer: server.URL})
		if err != nil {
			t.Fatal(err)
		}
		if err := makeKeys(t.Context(), a); (err == nil) != c.succeeded || asked.Load() != c.asked {
			t.Errorf("%s: %v after %d requests; want %d", c.what, err, asked.Load(), c.asked)
		}
	}
}
