package host

import (
	"os"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Threads that are called as a JVM calls its compilers are counted, and no others.
func TestCompilers(t *testing.T) {
	// Of this process a thread may still be there that an earlier run of this test has named.
	if got := Compilers(os.Getppid()); got.Known {
		t.Fatalf("the process that started this one has compilers: %+v", got)
	}
	busy, done := make(chan struct{}), make(chan struct{})
	go func() {
		runtime.LockOSThread() // Never unlocked: the thread ends with its name.
		name := append([]byte("C2 CompilerThre"), 0)
		if err := unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(&name[0])), 0, 0, 0); err != nil {
			t.Error(err)
		}
		var spent unix.Timespec
		for spent.Nano() < 50e6 { // five ticks of the thread's own time
			unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &spent)
		}
		close(busy)
		<-done
	}()
	defer close(done)
	<-busy
	if got := Compilers(os.Getpid()); !got.Known || got.CPU < 2*clockTick {
		t.Errorf("%+v of a compiler that took five ticks", got)
	}
}

func TestThisMachineIsDescribed(t *testing.T) {
	e := ThisEnvironment()
	if e.Memory <= 0 || LoadAverage() == "" {
		t.Errorf("memory %d, load %q", e.Memory, LoadAverage())
	}
}
