package host

import (
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// A program that takes a core is named, with its process.
func TestOthersAreNamed(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc")
	}
	busy := exec.Command("sh", "-c", "while :; do :; done")
	if err := busy.Start(); err != nil {
		t.Skip(err)
	}
	defer func() {
		_ = busy.Process.Kill()
		_ = busy.Wait()
	}()
	// On a machine that others use, it may take a while until it is among the first.
	for range 20 {
		o := WatchOthers(t.Context(), 300*time.Millisecond)
		if !o.Known || o.Share < 0 || o.Share > 1 {
			t.Fatalf("%+v; want a share of the machine", o)
		}
		i := slices.IndexFunc(o.Programs, func(p Program) bool { return p.PID == busy.Process.Pid })
		if i >= 0 {
			if !strings.Contains(o.String(), o.Programs[i].Name+" (process ") {
				t.Errorf("%q does not name %+v", o.String(), o.Programs[i])
			}
			return
		}
	}
	t.Error("a busy loop was never among the programs that took most")
}
