package scenarios

import (
	"net/url"
	"testing"
	"testing/synctest"
	"time"
)

// A server that refuses a retry in words of its own is Rejected, and the grants that die
// of it are counted all the same. When a grant cannot be tried, nothing is claimed.
func TestRetriesRefusedInOtherWords(t *testing.T) {
	for _, probe := range []int{401, 503} {
		synctest.Test(t, func(t *testing.T) {
			s := newFakeServer()
			uses := map[*fakeGrant]int{}
			s.fault = func(path string, form url.Values, _ *fakeToken) (int, string, bool) {
				tok := s.tokens[form.Get("refresh_token")]
				if path != "/token" || tok == nil {
					return 0, "", false
				}
				switch uses[tok.grant]++; uses[tok.grant] {
				case 1:
					return 0, "", false
				case 2:
					return 401, `{"error":"token_inactive"}`, true
				}
				return probe, "", true // after the trial
			}
			got := trialWith(t, s, Defaults(), 100, 20*time.Second, "refresh-retry")
			first, retry := got.Measurement("refresh-first"), got.Measurement("refresh-retry")
			if first.Outcomes.Failed() > 0 || retry.Outcomes.OK > 0 ||
				retry.Cases["status 401 token_inactive"] != retry.Outcomes.Rejected {
				t.Errorf("first %+v %v, retry %+v %v; want every retry rejected with its error", first.Outcomes,
					first.Cases, retry.Outcomes, retry.Cases)
			}
			switch retries, killed := got.Facts[FactRetries], got.Facts[FactChainsKilled]; {
			case probe == 401 && (retries == 0 || killed != retries || got.Unverified != ""):
				t.Errorf("%d of %d grants killed, %q; want all", killed, retries, got.Unverified)
			case probe == 503 && (retries != 0 || got.Unverified == ""):
				t.Errorf("%d of %d grants killed, %q; want an unverified trial", killed, retries, got.Unverified)
			}
		})
	}
}

// A server that never rotates its refresh tokens, and so answers without one (RFC 6749
// section 6), kills no chain.
func TestServersThatDoNotRotateKillNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeServer()
		s.fault = func(path string, form url.Values, _ *fakeToken) (int, string, bool) {
			tok := s.tokens[form.Get("refresh_token")]
			return 200, `{"access_token":"x","token_type":"Bearer"}`, path == "/token" && tok != nil
		}
		got := trialWith(t, s, Defaults(), 100, 20*time.Second, "refresh-retry")
		if retries, killed := got.Facts[FactRetries], got.Facts[FactChainsKilled]; retries == 0 || killed != 0 ||
			got.Unverified != "" {
			t.Errorf("%d of %d grants killed, %q; want none", killed, retries, got.Unverified)
		}
	})
}
