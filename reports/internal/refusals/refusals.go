// Package refusals counts the requests that a server refused under a load, and says with what. Whether
// that was the limit is for others to say.
package refusals

import (
	"fmt"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Refused are the requests that a server answered by an error of its own, such as 429 or 503.
type Refused struct {
	Requests int64
	Failed   int64 // Failed are all that failed, Requests among them.
	Sent     int64
	Answer   string // Answer is the most frequent one, "" where none is known.
}

// leastShare is the share of all requests below which refusals are no limit.
const leastShare = 0.001

// answered begins the case of an answer that was not allowed.
const answered = "status "

// Of sums up trials.
func Of(trials []bench.Trial) Refused {
	var r Refused
	cases := map[string]int64{}
	for _, t := range trials {
		for _, m := range t.Measurements {
			r.Requests, r.Failed = r.Requests+m.Outcomes.Rejected, r.Failed+m.Outcomes.Failed()
			r.Sent += m.Outcomes.Total()
			for name, n := range m.Cases {
				if strings.HasPrefix(name, answered) {
					cases[name] += n
				}
			}
		}
	}
	for name, n := range cases {
		if n > cases[r.Answer] || n == cases[r.Answer] && name < r.Answer {
			r.Answer = name
		}
	}
	return r
}

// Most tells whether most of what failed was refused, and more than a few requests were.
func (r Refused) Most() bool {
	return 2*r.Requests > r.Failed && float64(r.Requests) > leastShare*float64(r.Sent)
}

// String is "150 of 3,650 requests were refused (status 429 slow_down)".
func (r Refused) String() string {
	words := fmt.Sprintf("%s of %s requests were refused", units.Count(r.Requests), units.Count(r.Sent))
	if r.Answer != "" {
		words += " (" + plaintext.Line(r.Answer) + ")"
	}
	return words
}
