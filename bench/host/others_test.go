package host

import (
	"cmp"
	"math"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// A program that takes what it can is named, with its process, and those that took most are
// the first. Of a busy machine's many programs it need not be among those.
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
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		o := watchOthers(t.Context(), 300*time.Millisecond, math.MaxInt)
		if !o.Known || o.Share < 0 || o.Share > 1 {
			t.Fatalf("%+v; want a share of the machine", o)
		}
		if !slices.IsSortedFunc(o.Programs, func(a, b Program) int { return cmp.Compare(b.Cores, a.Cores) }) {
			t.Errorf("%v are not in the order of what they took", o)
		}
		i := slices.IndexFunc(o.Programs, func(p Program) bool { return p.PID == busy.Process.Pid })
		if i >= 0 {
			if !strings.Contains(o.String(), o.Programs[i].Name+" (process ") {
				t.Errorf("%q does not name %+v", o.String(), o.Programs[i])
			}
			return
		}
	}
	t.Error("a busy loop is not among the programs")
}
