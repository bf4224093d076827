package keycloak

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/oauthbench/oauthbench/containers/stack"
)

// fake answers as Keycloak 26.7.3 does, as far as this folder asks: the admin API keeps what
// it is given, and browsers get its pages.
type fake struct {
	mu      sync.Mutex
	made    map[string][]object // by the last word of the path
	said    []string            // method and path of all calls of the admin API
	name    string              // who has logged in
	refuses bool                // no password is right
	asker   string              // who has introspected last
}

// startFake is a fake with access to it.
func startFake(t *testing.T) (*fake, *stack.Access) {
	t.Helper()
	f := &fake{made: map[string][]object{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /realms/master/protocol/openid-connect/token", f.token)
	mux.HandleFunc("POST /realms/bench/protocol/openid-connect/token", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, object{"access_token": "of a client", "token_type": "Bearer", "expires_in": 60})
	})
	mux.HandleFunc("POST /realms/bench/protocol/openid-connect/token/introspect", func(w http.ResponseWriter,
		r *http.Request) {
		f.asker, _, _ = r.BasicAuth()
		reply(w, object{"active": true})
	})
	mux.HandleFunc("/admin/realms/", f.admin)
	mux.HandleFunc("/admin/realms", f.admin)
	mux.HandleFunc("GET /realms/bench/protocol/openid-connect/auth", f.login("/login?state="))
	mux.HandleFunc("GET /realms/bench/device", f.login("/device-login?state="))
	mux.HandleFunc("POST /realms/bench/login", f.loggedIn)
	mux.HandleFunc("POST /realms/bench/device-login", f.consent)
	mux.HandleFunc("POST /realms/bench/consent", f.agreed)
	mux.HandleFunc("GET /realms/bench/device/status", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<h1>Device Login Successful</h1>")
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	a, err := stack.NewAccess("26.7.3", stack.Site{Issuer: server.URL, Admin: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return f, a
}

func (f *fake) token(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("username") != administrator || r.FormValue("client_id") != "admin-cli" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	reply(w, object{"access_token": "of the administrator", "token_type": "Bearer", "expires_in": 60})
}

// admin makes what it is given once, lists it, and takes note of all else.
func (f *fake) admin(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer of the administrator" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	f.said = append(f.said, r.Method+" "+r.URL.RequestURI())
	words := strings.Split(r.URL.Path, "/")
	kind := words[len(words)-1]
	if r.Method == http.MethodGet {
		var found []object
		for _, one := range f.made[kind] {
			if id := r.URL.Query().Get("clientId"); id == "" || one["clientId"] == id {
				found = append(found, one)
			}
		}
		reply(w, found)
		return
	}
	var body object
	if r.Method == http.MethodPost && json.NewDecoder(r.Body).Decode(&body) == nil {
		for _, name := range []string{"name", "clientId", "realm"} {
			for _, one := range f.made[kind] {
				if kind != "models" && kind != "clients" && body[name] != nil && one[name] == body[name] ||
					kind == "clients" && one["clientId"] == body["clientId"] {
					w.WriteHeader(http.StatusConflict)
					return
				}
			}
		}
		body["id"] = fmt.Sprintf("%s-%d", kind, len(f.made[kind]))
		f.made[kind] = append(f.made[kind], body)
		w.WriteHeader(http.StatusCreated)
	}
}

// login shows the page of the name and the password, whose cookie is for TLS alone.
func (f *fake) login(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "AUTH_SESSION_ID", Value: "x", Secure: true,
			SameSite: http.SameSiteNoneMode})
		fmt.Fprintf(w, `<form id="kc-form-login" action="/realms/bench%s%s&amp;execution=1" method="post">
			<input id="username" name="username" type="text"><input name="password" type="password">
			<input type="hidden" name="credentialId"></form>`, to, r.FormValue("state"))
	}
}

// refused tells whether a login fails, and shows its page once more.
func (f *fake) refused(w http.ResponseWriter, r *http.Request) bool {
	_, err := r.Cookie("AUTH_SESSION_ID")
	if f.name = r.PostFormValue("username"); err == nil && !f.refuses && r.PostFormValue("password") == password {
		return false
	}
	f.login("/login?state=")(w, r)
	return true
}

func (f *fake) loggedIn(w http.ResponseWriter, r *http.Request) {
	if f.refused(w, r) {
		return
	}
	http.Redirect(w, r, stack.CallbackURL+"?code=c&state="+r.URL.Query().Get("state"), http.StatusFound)
}

// consent asks for it as a device's user is asked, with a form whose action is relative.
func (f *fake) consent(w http.ResponseWriter, r *http.Request) {
	if f.refused(w, r) {
		return
	}
	fmt.Fprint(w, `<form class="form-actions" action="consent?client=c" method="POST">
		<input type="hidden" name="code" value="a&amp;b"><input name="accept" type="submit" value="Yes">
		<input name="cancel" type="submit" value="No"></form>`)
}

func (f *fake) agreed(w http.ResponseWriter, r *http.Request) {
	to := "/realms/bench/device/status"
	if r.PostFormValue("accept") != "Yes" || r.PostFormValue("code") != "a&b" || r.PostForm.Has("cancel") {
		to += "?error=access_denied"
	}
	http.Redirect(w, r, to, http.StatusFound)
}

func reply(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // a test that gets no answer fails by that
}
