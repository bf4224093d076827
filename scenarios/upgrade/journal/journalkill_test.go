package journal

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// appendVariable names the journal that this test binary appends to until it is killed.
const appendVariable = "OAUTHBENCH_TEST_JOURNAL"

func TestMain(m *testing.M) {
	path := os.Getenv(appendVariable)
	if path == "" {
		os.Exit(m.Run())
	}
	if err := appendForEver(path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// appendForEver tells each entry that is safe.
func appendForEver(path string) error {
	j, err := Open(path)
	if err != nil {
		return err
	}
	for {
		n, err := j.Append(Entry{Act: RevokeToken, Client: "c", Token: "some token"})
		if err != nil {
			return err
		}
		if n%3 == 0 {
			if err := j.Replayed(n, time.Unix(2, 0)); err != nil {
				return err
			}
		}
		fmt.Println(n)
	}
}

// Whenever a process is killed, all that it was told to be safe is in the journal, and
// another goes on behind it.
func TestJournalSurvivesKill(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "journal")
	random := rand.New(rand.NewPCG(1, 1))
	var safe []int
	for range 20 {
		child := exec.Command(self)
		child.Env = append(os.Environ(), appendVariable+"="+path)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		told := bufio.NewScanner(out)
		for range 1 + random.IntN(40) {
			if !told.Scan() {
				break
			}
			var n int
			if _, err := fmt.Sscan(told.Text(), &n); err != nil {
				t.Fatal(err)
			}
			safe = append(safe, n)
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for told.Scan() { // what it said before it died counts too
			var n int
			if _, err := fmt.Sscan(told.Text(), &n); err == nil {
				safe = append(safe, n)
			}
		}
		_ = child.Wait() // it was killed
		j := openJournal(t, path)
		have := numbers(j.Entries())
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		for _, n := range safe {
			if !slices.Contains(have, n) {
				t.Fatalf("entry %d was safe and is lost", n)
			}
		}
	}
	if len(safe) < 20 {
		t.Errorf("%d entries were told; want some of each process", len(safe))
	}
}
