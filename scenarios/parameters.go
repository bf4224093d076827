package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/internal/nearest"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Parameters are what a user may set about the requests. Defaults has all of them;
// the zero value is not valid.
type Parameters struct {
	ClientAuth   string        `json:"client_auth"`           // an Auth constant of internal/oauth
	SigningAlg   string        `json:"signing_alg,omitempty"` // of private_key_jwt
	DPoP         bool          `json:"dpop,omitempty"`
	Scope        string        `json:"scope,omitempty"`    // instead of the target's
	Audience     string        `json:"audience,omitempty"` // that tokens are asked for
	Clients      int           `json:"clients"`            // different ones, of each scenario
	Subjects     int           `json:"subjects"`           // different users
	ChainLength  int           `json:"chain_length"`       // refreshes of one grant
	RetryGap     time.Duration `json:"retry_gap_ns"`       // at least, between a refresh and its retry
	OracleShare  float64       `json:"oracle_share"`       // of the revocations, 0 to 1
	RefreshShare float64       `json:"refresh_share"`      // of the revoked tokens that are refresh tokens, 0 to 1
	// of the revocations that the wrong client asks for, 0 to 1
	ForeignShare float64            `json:"wrong_client_share"`
	States       map[string]float64 `json:"states"` // weights of what is introspected, by state
	// requests per second at most, before and after the clock; 0 for no limit
	PrepareRate float64 `json:"prepare_rate"`
	// TrustAuthentication leaves out the questions with credentials that prove nothing.
	TrustAuthentication bool `json:"trust_authentication,omitempty"`
}

// Names of plan keys that scenarios heed.
const (
	ClientAuthKey   = "client-auth"
	DPoPKey         = "dpop"
	ScopeKey        = "scope"
	AudienceKey     = "audience"
	ClientsKey      = "clients"
	SubjectsKey     = "subjects"
	ChainLengthKey  = "chain-length"
	RetryGapKey     = "retry-gap"
	OracleShareKey  = "oracle-share"
	RefreshShareKey = "refresh-share"
	ForeignShareKey = "wrong-client-share"
	StatesKey       = "states"

	ProbeAuthenticationKey = "probe-authentication"
)

// Defaults are the parameters that nobody changed.
//
// So few of the revoked tokens are refresh tokens or another client's that P95 is still
// of access tokens; P99 is of all.
func Defaults() Parameters {
	p := Parameters{
		ClientAuth: oauth.AuthBasic, Clients: 1, Subjects: 100, ChainLength: 10, RetryGap: 100 * time.Millisecond,
		OracleShare: 0.1, RefreshShare: 0.03, ForeignShare: 0.01, PrepareRate: 4000, States: map[string]float64{},
	}
	for _, s := range introspectStates {
		if s.weight > 0 {
			p.States[s.name] = s.weight
		}
	}
	return p
}

// ClientAuthMethods are what ParseClientAuth reads. private_key_jwt comes with its
// signing algorithm.
var ClientAuthMethods = []string{
	oauth.AuthBasic, oauth.AuthPost, oauth.AuthNone, oauth.AuthSecretJWT,
	oauth.AuthPrivateKeyJWT + ":" + oauth.RS256, oauth.AuthPrivateKeyJWT + ":" + oauth.ES256, oauth.AuthTLS,
}

// SetClientAuth reads one of ClientAuthMethods.
func (p *Parameters) SetClientAuth(text string) error {
	if !slices.Contains(ClientAuthMethods, text) {
		return fmt.Errorf("unknown client authentication %q: %s", text, nearest.Cure(text, ClientAuthMethods))
	}
	p.ClientAuth, p.SigningAlg, _ = strings.Cut(text, ":")
	return nil
}

// SetStates reads weights such as active=70 and revoked=30.
func (p *Parameters) SetStates(values []string) error {
	weights, err := ParseWeights(values)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		if !slices.ContainsFunc(introspectStates, func(s introspectState) bool { return s.name == name }) {
			return fmt.Errorf("unknown state %q: %s", name, nearest.Cure(name, stateNames()))
		}
	}
	if weights[stateActive] == 0 {
		return fmt.Errorf("some tokens must be %s: they stand in for those that a server cannot have", stateActive)
	}
	p.States = weights
	return nil
}

// ParseWeights reads name=weight items, also several in one, separated by commas.
// Weights are not negative, and one is more than 0.
func ParseWeights(values []string) (map[string]float64, error) {
	weights := map[string]float64{}
	sum := 0.0
	for _, value := range values {
		for item := range strings.SplitSeq(value, ",") {
			name, text, ok := strings.Cut(strings.TrimSpace(item), "=")
			w, err := strconv.ParseFloat(text, 64)
			if !ok || name == "" || err != nil || !(w >= 0 && w <= 1e9) {
				return nil, fmt.Errorf("%q is not a name with its weight, such as introspect=80", item)
			}
			if _, twice := weights[name]; twice {
				return nil, fmt.Errorf("weight of %s is given twice", name)
			}
			weights[name] = w
			sum += w
		}
	}
	if sum == 0 {
		return nil, fmt.Errorf("all weights are 0")
	}
	return weights, nil
}

// Weights writes weights as ParseWeights reads them, in the order of names.
func Weights(weights map[string]float64) string {
	var items []string
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		items = append(items, name+"="+strconv.FormatFloat(weights[name], 'g', -1, 64))
	}
	return strings.Join(items, ",")
}

// OrDefaults are the parameters, or Defaults when there are none: runs that were stored
// before there were any.
func (p Parameters) OrDefaults() Parameters {
	if p.Clients == 0 {
		return Defaults()
	}
	return p
}
