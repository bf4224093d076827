package host

import (
	"bufio"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// asService makes the test's program a server: it prints its address, then for each line that
// a client sends it spends some CPU time, or has another do it, and answers with what it has
// spent itself.
const asService = "OAUTHBENCH_TEST_SERVICE"

func TestMain(m *testing.M) {
	if behind, is := os.LookupEnv(asService); is {
		serveForTest(behind)
		return
	}
	os.Exit(m.Run())
}

func serveForTest(behind string) {
	network, address := "tcp", "127.0.0.1:0"
	if strings.HasPrefix(behind, "listen ") {
		network, address, behind = "unix", strings.TrimPrefix(behind, "listen "), ""
	}
	l, err := net.Listen(network, address)
	if err != nil {
		panic(err)
	}
	var back net.Conn
	var answers *bufio.Reader
	if behind != "" {
		network, address, _ := strings.Cut(behind, " ")
		if back, err = net.Dial(network, address); err != nil {
			panic(err)
		}
		answers = bufio.NewReader(back)
	}
	println(l.Addr().String()) // to the standard error
	for {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		lines := bufio.NewReader(c)
		for {
			if _, err := lines.ReadString('\n'); err != nil {
				break
			}
			spent := "0\n"
			if back != nil {
				_, _ = io.WriteString(back, "work\n")
				spent, _ = answers.ReadString('\n')
			} else {
				before, _ := cpuClock(os.Getpid())
				now := before
				for now < before+100*time.Millisecond {
					now, _ = cpuClock(os.Getpid())
				}
				spent = strconv.FormatInt(int64(now-before), 10) + "\n"
			}
			_, _ = io.WriteString(c, spent)
		}
	}
}

// serving starts such a server, and returns its address and process.
func serving(t *testing.T, behind string) (string, int) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), asService+"="+behind)
	out, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line), c.Process.Pid
}

// The processor time of a server that somebody else started is known by where it listens,
// with that of the servers behind it, however they are connected; another program's is not
// taken for it.
func TestServiceIsFoundByItsAddress(t *testing.T) {
	directory, err := os.MkdirTemp("", "s") // A socket's path is short.
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(directory)
	other, stranger := serving(t, "")
	for name, start := range map[string]func() (string, []int){
		"alone": func() (string, []int) {
			address, pid := serving(t, "")
			return address, []int{pid}
		},
		"behind a proxy": func() (string, []int) {
			back, last := serving(t, "")
			front, first := serving(t, "tcp "+back)
			return front, []int{first, last}
		},
		"behind a proxy and a file": func() (string, []int) {
			back, last := serving(t, "listen "+directory+"/socket")
			middle, second := serving(t, "unix "+back)
			front, first := serving(t, "tcp "+middle)
			return front, []int{first, second, last}
		},
	} {
		t.Run(name, func(t *testing.T) {
			address, pids := start()
			s := ListeningAt(netip.MustParseAddrPort(address))
			if s == nil {
				t.Fatalf("nothing is found at %s", address)
			}
			if want := "(process " + strconv.Itoa(pids[0]) + ")"; !strings.Contains(s.String(), want) {
				t.Errorf("%s; want %s in it", s, want)
			}
			members, whole := s.members(processes(), readSockets())
			for _, pid := range pids {
				if !members[pid] {
					t.Errorf("process %d is not of the service", pid)
				}
			}
			if members[stranger] || members[os.Getpid()] || !whole {
				t.Errorf("members %v, whole %v; neither %d nor %d is one", members, whole, stranger, os.Getpid())
			}
			before := s.Usage()
			work(t, other)
			work(t, address)
			spent := work(t, address)
			if got := s.Usage().Since(before); !got.Known || got.CPU < spent {
				t.Errorf("%+v; want at least %v", got, spent)
			}
			if by := ServiceOf(pids[0]); by == nil || by.String() != s.String() {
				t.Errorf("by its number the service is %v; want %v", by, s)
			}
		})
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if s := ListeningAt(netip.MustParseAddrPort(l.Addr().String())); s != nil {
		t.Errorf("this process is taken for a server of somebody else: %v", s)
	}
	if s := ServiceOf(1 << 22); s != nil {
		t.Errorf("a process that there is not is %v", s)
	}
}

// work has the server spend some time, and returns how much.
func work(t *testing.T, address string) time.Duration {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "work\n"); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(n)
}

// Processes come and go; what each has spent counts once.
func TestSpentSince(t *testing.T) {
	type all = map[int]process
	for name, c := range map[string]struct {
		before, now all
		members     []int
		want        time.Duration
	}{
		"one goes on":          {all{7: {own: 5}}, all{7: {own: 9}}, []int{7}, 4},
		"another is no member": {all{7: {own: 5}, 8: {}}, all{7: {own: 9}, 8: {own: 100}}, []int{7}, 4},
		"one is new":           {all{7: {own: 5}}, all{7: {own: 5}, 9: {parent: 7, own: 3}}, []int{7, 9}, 3},
		"one became a member":  {all{7: {own: 5}, 9: {own: 50}}, all{7: {own: 5}, 9: {own: 53}}, []int{7, 9}, 3},
		"a child ended": {all{7: {own: 5}, 9: {parent: 7, own: 50}}, all{7: {own: 5, reaped: 53}},
			[]int{7}, 3},
		"a child came and went":       {all{7: {own: 5}}, all{7: {own: 5, reaped: 2}}, []int{7}, 2},
		"a child ended and is no sum": {all{7: {own: 5}, 9: {parent: 7, own: 50}}, all{7: {own: 6}}, []int{7}, 1},
		"a number was given anew":     {all{7: {own: 50}}, all{7: {own: 9}}, []int{7}, 0},
	} {
		members := map[int]bool{}
		for _, pid := range c.members {
			members[pid] = true
		}
		if got := spentSince(c.before, c.now, members); got != c.want {
			t.Errorf("%s: %d; want %d", name, got, c.want)
		}
	}
}

// Lines of /proc/net/tcp are in the machine's order of bytes.
func TestParseTCP(t *testing.T) {
	const tail = " 00000000:00000000 00:00000000 00000000     0        0 4252365 1 0 100 0 0 10 0"
	for line, want := range map[string]string{
		"0: 0100007F:1F90 00000000:0000 0A" + tail:                                                 "127.0.0.1:8080",
		"1: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A" + tail: "[::1]:8080",
		"2: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:0016 01" + tail: "127.0.0.1:8080",
	} {
		got, _, ok := parseTCP(line)
		if !ok || got.local.String() != want || got.inode != 4252365 {
			t.Errorf("parseTCP(%q) = %+v, %v; want %s", line, got, ok, want)
		}
	}
	for _, line := range []string{"", "sl local_address", "0: 01:1 02:2 0A" + tail} {
		if got, _, ok := parseTCP(line); ok {
			t.Errorf("parseTCP(%q) = %+v", line, got)
		}
	}
}
