package generator

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/oauthbench/oauthbench/bench"
)

// CheckCPUs tells whether this process could be bound to the CPUs.
func CheckCPUs(cpus bench.CPUList) error {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return fmt.Errorf("sched_getaffinity: %w", err)
	}
	for _, n := range cpus {
		if !allowed.IsSet(n) {
			return fmt.Errorf("CPU %d is none that this process may use", n)
		}
	}
	return nil
}

// bindCPUs binds every thread of this process to the CPUs. Threads that are made later
// are children of these and inherit the binding; processes started meanwhile would too.
func bindCPUs(cpus bench.CPUList) (unbind func() error, err error) {
	if err := CheckCPUs(cpus); err != nil {
		return nil, err
	}
	var before, set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return nil, fmt.Errorf("sched_getaffinity: %w", err)
	}
	for _, n := range cpus {
		set.Set(n)
	}
	if err := bindThreads(&set); err != nil {
		return nil, errors.Join(err, bindThreads(&before))
	}
	return func() error { return bindThreads(&before) }, nil
}

// bindThreads goes over the threads until it finds no new one: an unbound thread may
// start another one while it is not looked at.
func bindThreads(set *unix.CPUSet) error {
	done := map[int]bool{}
	for fresh := true; fresh; {
		fresh = false
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		for _, task := range tasks {
			tid, err := strconv.Atoi(task.Name())
			if err != nil || done[tid] {
				continue
			}
			if err := unix.SchedSetaffinity(tid, set); err != nil && err != unix.ESRCH { // it ended
				return fmt.Errorf("sched_setaffinity: %w", err)
			}
			done[tid], fresh = true, true
		}
	}
	return nil
}
