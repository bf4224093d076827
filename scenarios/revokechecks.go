package scenarios

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Check accepts status 200 whatever the body: RFC 7009 section 2.2 gives it none. Another
// success is noted, for whether the token is dead is what counts.
func (l *revokeLoad) Check(i int, r *vegeta.Result) bench.Answer {
	t := &l.tokens[i]
	t.done = r.Code/100 == 2 || t.foreign // whatever is said to the wrong client
	if r.Code/100 != 2 {
		return l.refusal(i, r)
	}
	if r.Code != http.StatusOK {
		l.book.Note("revoke", fmt.Sprintf("answered with status %d (RFC 7009 section 2.2: 200)", r.Code))
	}
	if !t.foreign {
		l.left(-1)
	}
	if l.oracle != nil && t.watched && t.alive && len(t.dead) > 0 {
		l.oracle.follow(i, t.dead[0], r.Timestamp.Add(r.Latency))
	}
	return bench.Answer{}
}

// Verify introspects every token that must be dead, or alive; those that must be dead at
// the other instance, too. RFC 7009 section 2 allows for a propagation delay: a token
// that is still active is asked for until revocationPatience is over, and only then called
// lost. A revoked refresh token that introspection does not know is tried instead: it must
// not be good for tokens any more. The oracle goes on meanwhile. It fails when a token's
// own time was over before it was looked at: then nobody can tell what became of it.
func (l *revokeLoad) Verify(ctx context.Context) ([]generator.Finding, error) {
	var findings []generator.Finding
	ended := time.Now()
	what := make([]string, len(l.tokens))
	var mu sync.Mutex
	var expired atomic.Int64
	late := bench.NewHistogram()
	killed := l.killed(ctx)
	err := l.source.target.each(ctx, len(l.tokens), func(ctx context.Context, i int) error {
		if what[i] = l.tokens[i].unseen; what[i] != "" || !l.tokens[i].done {
			return nil
		}
		waited, lost, err := l.outlives(ctx, i, ended)
		if lost == caseWrongClient && killed[l.tokens[i].owner] {
			lost = endedBy(l.tokens)
		}
		if t := l.tokens[i]; !t.expires.IsZero() && time.Now().After(t.expires) {
			expired.Add(1)
		}
		if waited > 0 && lost == "" && err == nil {
			mu.Lock()
			late.Record(waited)
			mu.Unlock()
		}
		what[i] = lost
		return err
	})
	if l.oracle != nil {
		if err == nil {
			l.oracle.settle(ctx, ended.Add(revocationPatience))
		}
		l.oracle.end()
	}
	l.blame(killed, what)
	l.again = toRevokeAgain(l.tokens, what)
	for i, lost := range what {
		if lost != "" {
			findings = append(findings, generator.Finding{Arrival: i, Answer: wrong(lost)})
		}
	}
	if late.Count() > 0 {
		l.late = late
	}
	if n := expired.Load(); err == nil && n > 0 {
		err = fmt.Errorf("%d tokens had expired by themselves before they were looked at, which proves no "+
			"revocation: lengthen the server's access token lifetime, or raise prepare-rate", n)
	}
	if err != nil {
		err = fmt.Errorf("revoke: %w", err)
	}
	return findings, err
}

// blame counts the death of a client's controls against one of its revocations.
func (l *revokeLoad) blame(killed map[string]bool, what []string) {
	for i, t := range l.tokens {
		if what[i] == "" && t.done && !t.foreign && killed[t.owner] {
			what[i] = endedBy(l.tokens)
			delete(killed, t.owner)
		}
	}
}

// awayFor is how many revocations in a row must have stayed without an answer for the server to
// have been away.
const awayFor = 3

// endedBy names the death of a token that nobody revoked. One that may have died with a
// restart is not held against a revocation.
func endedBy(tokens []revokeCase) string {
	inARow := 0
	for _, t := range tokens {
		if t.foreign {
			continue // whatever is said to the wrong client will do
		}
		if inARow++; t.done {
			inARow = 0
		}
		if inARow == awayFor {
			return caseLostAway
		}
	}
	return caseKilledAll
}

// outlives says what should be dead and is not, "" when all is, and how long after the
// trial it took.
func (l *revokeLoad) outlives(ctx context.Context, i int, ended time.Time) (waited time.Duration, lost string,
	err error) {
	t := l.tokens[i]
	if t.foreign {
		a, err := l.source.target.introspect(ctx, l.source.inspect.request(t.token))
		if err == nil && !a.Active && t.alive && (t.expires.IsZero() || time.Now().Before(t.expires)) {
			lost = caseWrongClient
		}
		return 0, lost, err
	}
	for k, dead := range t.dead {
		name := "revoked token is still active"
		if t.refresh && dead == t.token {
			name = "revoked refresh token is still active"
		} else if t.refresh {
			name = "access token of a revoked refresh token is still active"
		}
		for _, endpoint := range l.source.target.instances(l.source.inspect.endpoint) {
			late, lost, err := l.dies(ctx, i, k, endpoint, ended)
			if err != nil {
				return 0, "", err
			}
			switch lost {
			case "":
				waited = max(waited, late)
			case stillActive:
				if endpoint != l.source.inspect.endpoint {
					name += elsewhereToo
				}
				return 0, name + " after the trial", nil
			default:
				return 0, lost, nil
			}
		}
	}
	if t.refresh && len(t.dead) == 0 {
		got, err := l.source.target.send(ctx, oauth.Refresh(l.source.token, t.client.Credential, t.token))
		switch {
		case err == nil && got.status == http.StatusOK:
			lost = "revoked refresh token is still good for tokens"
		case err == nil && got.status/100 != 4:
			err = fmt.Errorf("try a revoked refresh token: status %d", got.status)
		}
		return 0, lost, err
	}
	return waited, "", nil
}

// toRevokeAgain chooses, of the tokens that were seen dead, those that are revoked once more, by arrival.
func toRevokeAgain(tokens []revokeCase, what []string) (chosen []int) {
	for _, refresh := range []bool{true, false} {
		for i, t := range tokens {
			if what[i] == "" && t.done && !t.foreign && len(t.dead) > 0 && t.refresh == refresh {
				chosen = append(chosen, i)
				if refresh || len(chosen) == revokedAgain {
					break
				}
			}
		}
	}
	return chosen
}

// accuse revokes some tokens a second time, which is a success and changes nothing (RFC 7009 section 2.2),
// and has the client of one get a new token: none of that may bring a revoked one back. It is asked off the clock, once
// nothing else is to be learnt of these tokens.
func (l *revokeLoad) accuse(ctx context.Context) []bench.Flaw {
	var flaws []bench.Flaw
	s, book := l.source, l.source.target.book
	accuse := func(what string) {
		flaws = append(flaws, bench.Flaw{Check: checkRevokedAgain, Operation: "revoke", What: what})
	}
	book.Count(FactRevokedAgain, 0)
	for k, i := range l.again {
		t := l.tokens[i]
		if s.active(ctx, t) {
			accuse(caseRevived)
			continue
		}
		_, err := s.target.ask(ctx, oauth.Revoke(s.revocation, t.client.Credential, t.token, t.hint()))
		if err != nil && isRefusal(err) {
			book.Note("revoke", "a token that is revoked already is refused, and not a success "+
				"(RFC 7009 section 2.2)")
		}
		book.Count(FactRevokedAgain, 1)
		if s.active(ctx, t) {
			accuse(caseRevived + " after a second revocation")
			continue
		}
		book.Count(FactStillInactive, 1)
		if k < len(l.again)-1 || t.refresh {
			continue
		}
		_, err = s.target.mint(ctx, 1, func(int) (oauth.Request, error) {
			return oauth.ClientCredentials(s.token, t.client.Credential, s.target.Scope, s.target.named()), nil
		})
		if err == nil && s.active(ctx, t) {
			accuse(caseRevived + " after its client got a new one")
		}
	}
	return flaws
}

// active tells whether one of the tokens that must be dead is active at an instance.
func (s *revokeSource) active(ctx context.Context, t revokeCase) bool {
	for _, endpoint := range s.target.instances(s.inspect.endpoint) {
		for _, dead := range t.dead {
			a, err := s.target.introspect(ctx, oauth.Introspect(endpoint, s.inspect.resource, dead))
			if err == nil && a.Active {
				return true
			}
		}
	}
	return false
}

// stillActive is what dies says when patience is over.
const stillActive = "still active"

// dies asks one endpoint for the k-th token that must be dead, until it is inactive, and
// says how long after the trial that took, or why it will not do.
func (l *revokeLoad) dies(ctx context.Context, i, k int, endpoint string, ended time.Time) (waited time.Duration,
	lost string, err error) {
	question := oauth.Introspect(endpoint, l.source.inspect.resource, l.tokens[i].dead[k])
	for delay := firstDelay; ; delay *= 2 {
		a, err := l.source.target.introspect(ctx, question)
		if refusedToken(err) && l.sawAlive {
			return 0, caseRefusedInactive, nil
		}
		if err != nil {
			return 0, "", err
		}
		if l.oracle != nil && k == 0 && endpoint == l.oracle.endpoint && l.oracle.revives(i, a.Active) {
			return 0, caseRevived, nil
		}
		if !a.Active {
			return waited, "", nil
		}
		if time.Since(ended) > revocationPatience {
			return 0, stillActive, nil
		}
		if err := generator.Pause(ctx, delay); err != nil {
			return 0, "", err
		}
		waited = time.Since(ended)
	}
}

// Observed makes a workload a generator.Observer.
func (l *revokeLoad) Observed() bench.Observation {
	var o bench.Observation
	if l.oracle != nil {
		o = l.oracle.observed()
	}
	if l.late != nil {
		o.Merge(bench.Observation{Facts: map[string]int64{FactLate: l.late.Count()}})
	}
	return o
}
