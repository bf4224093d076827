package plaintext

import "testing"

func TestShell(t *testing.T) {
	got := Shell([]string{"oauthbench", "--slo", "token p99 < 50ms", "it's", ""})
	if want := `oauthbench --slo 'token p99 < 50ms' 'it'\''s' ''`; got != want {
		t.Errorf("shell = %s; want %s", got, want)
	}
}
