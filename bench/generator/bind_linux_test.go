package generator

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
)

// allowed are the CPUs of every thread of this process, as the kernel says.
func allowed(t *testing.T) []string {
	t.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	var lists []string
	for _, task := range tasks {
		status, _ := os.ReadFile("/proc/self/task/" + task.Name() + "/status") // the thread may have ended
		for line := range strings.Lines(string(status)) {
			if list, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
				lists = append(lists, strings.TrimSpace(list))
			}
		}
	}
	slices.Sort(lists)
	return slices.Compact(lists)
}

func TestBindCPUs(t *testing.T) {
	before := allowed(t)
	if len(before) != 1 {
		t.Skipf("threads are bound differently already: %q", before)
	}
	usable, err := bench.ParseCPUList(before[0])
	if err != nil {
		t.Fatal(err)
	}
	one := usable[len(usable)-1:]
	unbind, err := bindCPUs(one)
	if err != nil {
		t.Fatal(err)
	}
	// Threads that begin now are bound too.
	locked, release := make(chan struct{}), make(chan struct{})
	for range 4 {
		go func() { runtime.LockOSThread(); locked <- struct{}{}; <-release }()
	}
	for range 4 {
		<-locked
	}
	if got := allowed(t); !slices.Equal(got, []string{one.String()}) {
		t.Errorf("threads may use %q; want %q alone", got, one)
	}
	close(release)
	if err := unbind(); err != nil {
		t.Fatal(err)
	}
	if got := allowed(t); !slices.Equal(got, before) {
		t.Errorf("afterwards threads may use %q; want %q again", got, before)
	}
	if _, err := bindCPUs(bench.CPUList{1023}); err == nil || !strings.Contains(err.Error(), "1023") {
		t.Errorf("bound to a CPU that is not there: %v", err)
	}
}
