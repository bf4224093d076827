package generator

import (
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// processTime is the CPU time of this process, user and system.
func processTime() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// processorWait is how long the threads of this process were ready to run and waited for a
// processor, added up; 0 where the kernel does not tell (sched-stats.txt of its
// documentation: the second figure).
func processorWait() (sum time.Duration) {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return 0
	}
	for _, task := range tasks {
		if fields := strings.Fields(readSmall("/proc/self/task/" + task.Name() + "/schedstat")); len(fields) == 3 {
			ns, _ := strconv.ParseInt(fields[1], 10, 64) // 0 if it is no number
			sum += time.Duration(ns)
		}
	}
	return sum
}

// readSmall is what a file of a line says; "" when it is gone. os.ReadFile asks the kernel 14 times for it, among the
// rest whether it can be polled, and this is done for every thread beside the load.
func readSmall(path string) string {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return ""
	}
	defer unix.Close(fd) // It was only read.
	var text [128]byte
	n, err := unix.Read(fd, text[:])
	if err != nil {
		return ""
	}
	return string(text[:n])
}
