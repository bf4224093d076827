package host

import (
	"os"
	"testing"
	"time"
)

// The clock of a process and its account in ticks tell of the same time.
func TestCPUClock(t *testing.T) {
	before, exact := cpuClock(os.Getpid())
	if !exact {
		t.Fatal("the clock of this process cannot be read")
	}
	const step = 50 * time.Millisecond
	for now := before; now < before+step; {
		now, _ = cpuClock(os.Getpid())
	}
	if after, _ := cpuClock(os.Getpid()); after < before+step {
		t.Errorf("%v after %v", after, before)
	}
	if spent, exact := cpuClock(1 << 22); exact {
		t.Errorf("a process that there is not has spent %v", spent)
	}
	if spent, exact := cpuClock(-1); exact {
		t.Errorf("process -1 has spent %v", spent)
	}
}
