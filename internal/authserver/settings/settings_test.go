package settings

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		what, version, query string
		want                 string // of key=value pairs in Map, or in the error
	}{
		{"defaults of v1", V1, "", "tokens=opaque hasher=bcrypt bcrypt_cost=8 access_ttl=1h0m0s refresh_ttl=720h0m0s " +
			"db=sqlite sqlite_synchronous=NORMAL"},
		{"defaults of v2", V2, "", "tokens=opaque hasher=pbkdf2 pbkdf2_rounds=25000 db=sqlite"},
		{"the other hasher", V2, "hasher=bcrypt&bcrypt_cost=10", "hasher=bcrypt bcrypt_cost=10"},
		{"all forms", V1, "tokens=jwt&access_ttl=90s&refresh_ttl=2h&db=postgres",
			"tokens=jwt access_ttl=1m30s refresh_ttl=2h0m0s db=postgres"},
		{"unknown version", "v3", "", `error: no version "v3": use v1 or v2`},
		{"unknown key", V1, "token=jwt", `error: no setting "token": did you mean tokens?`},
		{"unknown word", V1, "tokens=JWT", `error: tokens="JWT": use opaque or jwt`},
		{"no number", V1, "bcrypt_cost=x", `error: bcrypt_cost="x": use a whole number from 4 to 16`},
		{"too costly", V1, "bcrypt_cost=31", `error: bcrypt_cost="31"`},
		{"no rounds", V2, "pbkdf2_rounds=0", `error: pbkdf2_rounds="0"`},
		{"part of a second", V2, "access_ttl=1500ms", `error: access_ttl="1500ms": use a duration of whole seconds`},
		{"no time", V2, "access_ttl=0s", `error: access_ttl="0s"`},
		{"faults", V2, "fault.delay=20ms@token,5ms&fault.stall=500ms/10s&fault.lost_revocation=0.01&refresh_grace=10s",
			"fault.delay=20ms@token,5ms fault.stall=500ms/10s fault.lost_revocation=0.01 fault.seed=1 " +
				"refresh_grace=10s"},
		{"no faults", V2, "", "fault.seed= fault.delay= refresh_grace=0s"},
		{"a fault of no kind", V2, "fault.fire=1", `error: no setting "fault.fire"`},
		{"a fault of no operation", V2, "fault.delay=20ms@tea",
			`error: fault.delay="20ms@tea": use DURATION[@OPERATION]`},
		{"a fault that has none", V2, "fault.lost_revocation=0.1@token",
			`error: fault.lost_revocation="0.1@token": use SHARE`},
		{"a fault twice", V2, "fault.delay=1ms@token,2ms@token", `error: fault.delay=`},
		{"too large a share", V2, "fault.errors=1.1", `error: fault.errors="1.1"`},
		{"no share", V2, "fault.errors=NaN", `error: fault.errors="NaN"`},
		{"too few values", V2, "fault.stall=1s", `error: fault.stall="1s": use DURATION/DURATION`},
		{"a stall without an end", V2, "fault.stall=2s/2s", `error: fault.stall="2s/2s"`},
		{"half a request", V2, "fault.delay_every=1.5/1s", `error: fault.delay_every="1.5/1s": use N/DURATION`},
		{"other names of two", V2, "access_token=jwt&pbkdf2_iterations=7", "tokens=jwt pbkdf2_rounds=7 access_token="},
		{"one by both its names", V2, "access_token=jwt&tokens=jwt",
			`error: settings "tokens" and "access_token" are the same`},
		{"twice", V2, "db=sqlite&db=postgres", `error: "db" is given 2 times`},
	} {
		values, err := url.ParseQuery(test.query)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(test.version, values)
		if wantErr, ok := strings.CutPrefix(test.want, "error: "); ok {
			if err == nil || !strings.Contains(err.Error(), wantErr) {
				t.Errorf("%s: Parse = %v; want an error with %s", test.what, err, wantErr)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.what, err)
		}
		m := got.Map()
		for _, pair := range strings.Fields(test.want) {
			if key, value, _ := strings.Cut(pair, "="); m[key] != value {
				t.Errorf("%s: Map()[%q] = %q; want %q", test.what, key, m[key], value)
			}
		}
		if _, other := m["bcrypt_cost"]; other != (got.Hasher == HasherBCrypt) {
			t.Errorf("%s: Map() = %v; want the cost of the hasher in use only", test.what, m)
		}
		// What a child is told must give the same
		again := url.Values{}
		for _, pair := range got.Assignments() {
			key, value, _ := strings.Cut(pair, "=")
			again.Add(key, value)
		}
		if copied, err := Parse(test.version, again); err != nil || !reflect.DeepEqual(copied, got) {
			t.Errorf("%s: round trip = %+v, %v; want %+v", test.what, copied, err, got)
		}
	}
}
