package oauth

import "testing"

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
