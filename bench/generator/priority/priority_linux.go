package priority

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/oauthbench/oauthbench/bench"
)

// shortSlice is how long a thread wants the processor at a time: the shorter, the sooner the kernel
// lets it run after it woke up (EEVDF, Linux 6.12).
const shortSlice = 100_000 // ns

// Set gives every thread of this process a priority, or the next best that is allowed, and
// says which. Threads and processes that these start do not inherit it.
func Set(want bench.Priority) (got bench.Priority, restore func() error) {
	none := func() error { return nil }
	attributes := map[bench.Priority]unix.SchedAttr{
		bench.RealTime:   {Policy: unix.SCHED_RR, Priority: 1, Flags: unix.SCHED_FLAG_RESET_ON_FORK},
		bench.ShortSlice: {Policy: unix.SCHED_NORMAL, Runtime: shortSlice, Flags: unix.SCHED_FLAG_RESET_ON_FORK},
	}
	for _, p := range []bench.Priority{bench.RealTime, bench.ShortSlice} {
		if want == bench.NoPriority || p == bench.RealTime && want == bench.ShortSlice {
			continue
		}
		if err := scheduleThreads(attributes[p]); err == nil {
			return p, func() error { return scheduleThreads(unix.SchedAttr{Policy: unix.SCHED_NORMAL}) }
		}
		if err := scheduleThreads(unix.SchedAttr{Policy: unix.SCHED_NORMAL}); err != nil {
			return bench.NoPriority, func() error { return err } // Half of them may have it.
		}
	}
	return bench.NoPriority, none
}

// scheduleThreads sets how all threads of this process are scheduled.
func scheduleThreads(a unix.SchedAttr) error {
	a.Size = unix.SizeofSchedAttr
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, task := range tasks {
		tid, err := strconv.Atoi(task.Name())
		if err != nil {
			continue
		}
		if err := unix.SchedSetAttr(tid, &a, 0); err != nil && !errors.Is(err, unix.ESRCH) { // it ended
			return fmt.Errorf("sched_setattr: %w", err)
		}
	}
	return nil
}
