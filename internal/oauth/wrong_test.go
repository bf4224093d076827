package oauth

import (
	"strings"
	"testing"
)

// A wrong credential differs from the right one and can be sent; where nothing is
// proven, nothing can be wrong.
func TestWrongCredentials(t *testing.T) {
	key, err := NewKey(ES256)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		right Credential
		ok    bool
	}{
		{Credential{Method: AuthBasic, ClientID: "c", Secret: "xyz"}, true},
		{Credential{Method: AuthPost, ClientID: "c", Secret: "a"}, true},
		{Credential{Method: AuthBearer, Secret: "eyJ.b.c"}, true},
		{Credential{Method: AuthSecretJWT, ClientID: "c", Secret: "0123456789abcdef0123456789abcdef"}, true},
		{Credential{Method: AuthPrivateKeyJWT, ClientID: "c", Key: key}, true},
		{Credential{Method: AuthNone, ClientID: "c"}, false},
		{Credential{Method: AuthTLS, ClientID: "c"}, false},
		{Credential{}, false},
	} {
		wrong, ok := c.right.Wrong()
		if ok != c.ok || ok && wrong == c.right || wrong.Method != c.right.Method ||
			wrong.ClientID != c.right.ClientID {
			t.Errorf("%+v.Wrong() = %+v, %v; want ok %v", c.right, wrong, ok, c.ok)
		}
		if err := wrong.Check(); ok && err != nil {
			t.Errorf("%s: %v", c.right.Method, err)
		}
	}
}

// Near misses differ from the right secret as a careless comparison would not notice.
func TestNearMissesOfSecrets(t *testing.T) {
	for _, c := range []struct {
		right Credential
		want  string
	}{
		{Credential{Method: AuthBasic, ClientID: "c", Secret: "aB3-x"}, "Ab3-X  aB3-xx"},
		{Credential{Method: AuthPost, ClientID: "c", Secret: "123"}, " 123x"},
		{Credential{Method: AuthBasic, ClientID: "c", Secret: strings.Repeat("1", 72)}, ""},
		{Credential{Method: AuthBearer, Secret: "eyJ.b.c"}, ""},
		{Credential{Method: AuthNone, ClientID: "c"}, ""},
	} {
		var got []string
		for _, near := range c.right.NearMisses() {
			got = append(got, near.Secret)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("near misses of %q by %s: %q; want %q", c.right.Secret, c.right.Method, got, c.want)
		}
	}
	wrong, _ := Credential{Method: AuthBasic, ClientID: "c", Secret: "secret"}.Wrong()
	if !strings.HasPrefix(wrong.Secret, "secre") {
		t.Errorf("the wrong secret %q has another beginning than the right one", wrong.Secret)
	}
}
