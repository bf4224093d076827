package bench

import "testing"

func TestWaitsAreSummed(t *testing.T) {
	var a, b Waits
	a.Looks, b.Looks = 2, 1
	a.Saw(4, false, "", "")
	a.Saw(2, true, "Lock", "tuple")
	a.Saw(1, true, "", "")
	b.Saw(3, true, "Lock", "tuple")
	b.Saw(5, true, "IO", "WALSync")
	sum := a.Plus(&b)
	if sum.Looks != 3 || sum.Connections != 15 || sum.Busy != 11 || sum.Events[0].Seen != 5 ||
		sum.Events[0].Class() == sum.Events[1].Class() {
		t.Errorf("%+v", sum)
	}
	if (*Waits)(nil).Plus(nil) != nil || (*Waits)(nil).Plus(&a).Busy != a.Busy {
		t.Error("the sum with none is another")
	}
}

func TestClassesOfWaits(t *testing.T) {
	for _, test := range []struct {
		kind, name string
		want       WaitClass
	}{
		{"", "", WaitNone},
		{"Lock", "transactionid", WaitLock},
		{"Lock", "tuple", WaitLock},
		{"LWLock", "WALWrite", WaitCommit},
		{"IO", "WalSync", WaitCommit}, // PostgreSQL 17
		{"IO", "WALSync", WaitCommit}, // 16 and before
		{"IPC", "SyncRep", WaitCommit},
		{"IO", "DataFileRead", WaitDisk},
		{"LWLock", "BufferContent", WaitLatch},
		{"Client", "ClientRead", WaitServer},
		{"Timeout", "PgSleep", WaitOther},
	} {
		if got := (WaitEvent{Type: test.kind, Name: test.name}).Class(); got != test.want {
			t.Errorf("%s/%s is %s; want %s", test.kind, test.name, got, test.want)
		}
	}
}
