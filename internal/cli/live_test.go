package cli

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/exitcode"
)

// --live serves the page while the run goes, to this machine only, and ends with it.
func TestLive(t *testing.T) {
	t.Parallel()
	cmd, _, said := startUntilArgs(t, t.TempDir(), answering, "run", "--live",
		"--target", quickly, "--scenario", "introspect", "--rate", "50/s", "--duration", "10m", "--out", "r")
	_, address, _ := strings.Cut(said, "live: http://")
	address, _, found := strings.Cut(address, "/")
	if !found {
		t.Fatalf("the program said %q; want where it is live", said)
	}
	for host, want := range map[string]int{address: http.StatusOK, "evil.example": http.StatusForbidden} {
		r, err := http.NewRequest(http.MethodGet, "http://"+address+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("asked as %s: %s; want %d", host, answer.Status, want)
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if _, err := http.Get("http://" + address + "/"); err == nil {
		t.Error("it is served after the end")
	}
}

func TestLiveRefusesOtherInterfaces(t *testing.T) {
	code, _, stderr := oauthbench(t, t.TempDir(), "run", "--live=0.0.0.0:0", "--target", quickly, "--out", "r")
	if code != exitcode.Usage || !strings.Contains(stderr, "loopback") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
