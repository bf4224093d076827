package rehearse

import (
	"reflect"
	"testing"

	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// A mix has what it names, and nothing else; as text it is what it was read from.
func TestMix(t *testing.T) {
	var m Mix
	if !reflect.DeepEqual(m.of(), upgrade.DefaultMix()) || !reflect.DeepEqual(defaultMix().of(), upgrade.DefaultMix()) {
		t.Errorf("no mix is %v, the default %v; want both %v", m.of(), defaultMix().of(), upgrade.DefaultMix())
	}
	if err := m.Set("log-in=3, introspect=1"); err != nil || m.String() != "introspect=1,log-in=3" {
		t.Errorf("%v, %q", err, m.String())
	}
	if got := m.of(); got[upgrade.OpLogIn] != 3 || got[upgrade.OpIntrospect] != 1 || got[upgrade.OpRevoke] != 0 {
		t.Errorf("of = %v; want what was named", got)
	}
	if words := m.inWords(); words != "log in 75 %, introspect 25 %" {
		t.Errorf("in words %q", words)
	}
	for _, text := range []string{"introspec=1", "issue", "issue=0", "issue=-1", "issue=1,issue=2", ""} {
		if err := m.Set(text); err == nil {
			t.Errorf("%q is taken: %v", text, m)
		}
	}
}
