package priority

import (
	"os"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/oauthbench/oauthbench/bench"
)

// policies are how the threads of this process are scheduled.
func policies(t *testing.T) map[uint32]int {
	t.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	counts := map[uint32]int{}
	for _, task := range tasks {
		tid, err := strconv.Atoi(task.Name())
		if err != nil {
			t.Fatal(err)
		}
		if a, err := unix.SchedGetAttr(tid, 0); err == nil {
			counts[a.Policy]++
		}
	}
	return counts
}

// A priority is had while a load is sent, where this process may have it, and given back after it.
func TestPriorityIsGivenBack(t *testing.T) {
	for _, want := range []bench.Priority{bench.NoPriority, bench.ShortSlice, bench.RealTime} {
		got, restore := Set(want)
		if got != want {
			t.Logf("%q was asked for and %q had: this process may not have it", want, got)
		}
		if during := policies(t); got == bench.RealTime && during[unix.SCHED_RR] == 0 {
			t.Errorf("%q: threads by policy %v; want some with SCHED_RR", want, during)
		}
		if err := restore(); err != nil {
			t.Fatal(err)
		}
		if after := policies(t); after[unix.SCHED_RR] > 0 {
			t.Errorf("%q: threads by policy %v after it was given back", want, after)
		}
	}
}
