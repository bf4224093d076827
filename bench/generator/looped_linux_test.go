package generator

import (
	"runtime"
	"sync"
	"testing"
)

// However many loops run at once, and in whatever order they end, GOMAXPROCS is afterwards what it was.
func TestEveryLoopGivesItsProcessorBack(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	var loops sync.WaitGroup
	for range 8 {
		loops.Go(func() {
			for range 20 {
				giveBack := ownProcessor()
				runtime.Gosched()
				giveBack()
			}
		})
	}
	loops.Wait()
	first, second := ownProcessor(), ownProcessor()
	if got := runtime.GOMAXPROCS(0); got != before+2 {
		t.Errorf("GOMAXPROCS %d beside two loops; want %d", got, before+2)
	}
	first()
	second()
	if got := runtime.GOMAXPROCS(0); got != before {
		t.Errorf("GOMAXPROCS %d afterwards; want %d again", got, before)
	}
}
