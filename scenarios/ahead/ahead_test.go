package ahead

import (
	"errors"
	"strconv"
	"testing"

	"github.com/oauthbench/oauthbench/internal/oauth"
)

// numbered makes requests whose URL is their arrival, and counts how often each is made.
func numbered(made []int) func(i int) (*oauth.Request, error) {
	return func(i int) (*oauth.Request, error) {
		made[i]++
		return &oauth.Request{URL: strconv.Itoa(i)}, nil
	}
}

// Each arrival has its own request, which is made once; with idle time between arrivals none is late, and
// never more are held than may be.
func TestRequestsAreMadeAheadOnce(t *testing.T) {
	const count, held = 1000, 16
	made := make([]int, count)
	r := New(count, held, numbered(made))
	for i := range r.Held() {
		if err := r.Fill(i); err != nil {
			t.Fatal(err)
		}
	}
	for i := range count {
		if got := r.Take(i); got.URL != strconv.Itoa(i) {
			t.Fatalf("arrival %d has the request of %s", i, got.URL)
		}
		if r.Peek(i) == nil {
			t.Fatalf("arrival %d: what was taken is not held any more", i)
		}
		for r.Make() {
		}
		if ahead := i + 1 + held; ahead < count && made[ahead] != 0 {
			t.Fatalf("after arrival %d that of %d is made", i, ahead)
		}
	}
	for i, n := range made {
		if n != 1 {
			t.Errorf("the request of arrival %d was made %d times", i, n)
		}
	}
	if r.Late() != 0 || r.Err() != nil {
		t.Errorf("%d were late, %v", r.Late(), r.Err())
	}
}

// Without idle time requests are made as they are due, and counted; arrivals that are left out hold
// nothing up.
func TestWithoutIdleTimeRequestsAreLate(t *testing.T) {
	const count, held = 100, 10
	made := make([]int, count)
	r := New(count, held, numbered(made))
	for i := range held {
		if err := r.Fill(i); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i < count; i += 2 {
		if got := r.Take(i); got.URL != strconv.Itoa(i) {
			t.Fatalf("arrival %d has the request of %s", i, got.URL)
		}
	}
	if want := int64(count-held) / 2; r.Late() != want {
		t.Errorf("%d late; want %d", r.Late(), want)
	}
}

func TestWhatCannotBeMadeIsTold(t *testing.T) {
	broken := errors.New("broken")
	r := New(3, 1, func(i int) (*oauth.Request, error) {
		if i > 0 {
			return nil, broken
		}
		return &oauth.Request{URL: "0"}, nil
	})
	if err := r.Fill(0); err != nil {
		t.Fatal(err)
	}
	if got := r.Take(1); got.URL != "0" || !errors.Is(r.Err(), broken) {
		t.Errorf("%v, %v; want the last request that could be made, and why", got, r.Err())
	}
}
