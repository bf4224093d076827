package measure

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/watch"
	"github.com/oauthbench/oauthbench/reports"
)

// heard keeps what is said.
type heard struct{ strings.Builder }

func (h *heard) address(t *testing.T) string {
	t.Helper()
	_, rest, found := strings.Cut(h.String(), "live: ")
	if !found {
		t.Fatalf("nobody said where it is shown: %q", h.String())
	}
	return strings.Fields(rest)[0]
}

// Whatever is measured, a run, a search or a grid, whoever watches is told at the end what it came to
// and where the report lies.
func TestShowEndsWithItsVerdict(t *testing.T) {
	log := &heard{}
	var events *http.Response
	err := shown(watch.Options{Log: log, Live: "127.0.0.1:0"}, func(_ string, _ *watch.Watcher) (judge, string) {
		var err error
		if events, err = http.Get(log.address(t) + "events"); err != nil {
			t.Fatal(err)
		}
		return func() (*reports.Document, error) {
			return &reports.Document{Headline: "MEASURED: a grid"}, nil
		}, "there"
	})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	all, err := io.ReadAll(events.Body) // It ends when the show is over.
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"MEASURED: a grid", "there/report.html"} {
		if !strings.Contains(string(all), want) {
			t.Errorf("those who watched were told %q; want %q", all, want)
		}
	}
}

// A show that cannot begin measures nothing.
func TestNothingRunsWithoutItsShow(t *testing.T) {
	ran := false
	err := shown(watch.Options{Log: io.Discard, Live: "0.0.0.0:0"}, func(string, *watch.Watcher) (judge, string) {
		ran = true
		return nil, ""
	})
	if err == nil || ran {
		t.Errorf("%v, ran: %t; want an error before anything runs", err, ran)
	}
}
