package authserver

import (
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// proofWindow is how far iat may be from now, either way (RFC 9449 section 11.1). It is
// generous, because a load generator signs its proofs before its clock starts.
const proofWindow = 10 * time.Minute

func proofAlgorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.ES256, jose.RS256, jose.PS256, jose.EdDSA}
}

// dpop verifies proofs of possession (RFC 9449). It may be used by any number of
// goroutines. It remembers proofs in memory only: a restart forgets them.
type dpop struct {
	mu           sync.Mutex
	recent, past map[[sha256.Size]byte]struct{}
	turned       time.Time // when past was recent
}

// proof is the payload of section 4.2.
type proof struct {
	ID      string  `json:"jti"`
	Method  string  `json:"htm"`
	Address string  `json:"htu"`
	Issued  float64 `json:"iat"` // seconds since the epoch
	Token   string  `json:"ath"`
}

// verify checks the one proof in header for a request (section 4.3) and gives the
// thumbprint of its key. accessToken is "" at the token endpoint. The error is for the
// client to read.
func (d *dpop) verify(header http.Header, method, address, accessToken string, now time.Time) (thumbprint string,
	err error) {
	values := header.Values("DPoP")
	if len(values) != 1 {
		return "", errors.New("not exactly one DPoP header")
	}
	signed, err := jose.ParseSignedCompact(values[0], proofAlgorithms())
	if err != nil {
		return "", errors.New("DPoP proof is not a JWT with an asymmetric signature")
	}
	protected := signed.Signatures[0].Protected
	key := protected.JSONWebKey
	if typ, _ := protected.ExtraHeaders[jose.HeaderType].(string); typ != "dpop+jwt" {
		return "", errors.New("DPoP proof has not the type dpop+jwt")
	}
	if key == nil || !key.Valid() || !key.IsPublic() {
		return "", errors.New("DPoP proof has no public key")
	}
	payload, err := signed.Verify(key)
	if err != nil {
		return "", errors.New("DPoP proof is not signed by its key")
	}
	var p proof
	if json.Unmarshal(payload, &p) != nil || p.ID == "" {
		return "", errors.New("DPoP proof has no jti, or claims that cannot be read")
	}
	issued := time.UnixMilli(int64(p.Issued * 1000))
	hash := sha256.Sum256([]byte(accessToken))
	switch {
	case p.Method != method:
		return "", fmt.Errorf("DPoP proof is for %q", p.Method)
	case !sameAddress(p.Address, address):
		return "", fmt.Errorf("DPoP proof is for %q", p.Address)
	case issued.Before(now.Add(-proofWindow)) || issued.After(now.Add(proofWindow)):
		return "", errors.New("DPoP proof is too old, or of the future")
	case accessToken != "" && p.Token != base64.RawURLEncoding.EncodeToString(hash[:]):
		return "", errors.New("DPoP proof is for another access token")
	}
	sum, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return "", errors.New("DPoP proof has a key without a thumbprint")
	}
	thumbprint = base64.RawURLEncoding.EncodeToString(sum)
	if !d.firstUse(sha256.Sum256([]byte(thumbprint+"\n"+p.ID)), now) {
		return "", errors.New("DPoP proof was used before")
	}
	return thumbprint, nil
}

// firstUse remembers a proof for at least as long as it could be used again: one is
// acceptable for twice the window.
func (d *dpop) firstUse(id [sha256.Size]byte, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.recent == nil || now.Sub(d.turned) >= 2*proofWindow {
		d.past, d.recent, d.turned = d.recent, map[[sha256.Size]byte]struct{}{}, now
	}
	_, recent := d.recent[id]
	_, past := d.past[id]
	if recent || past {
		return false
	}
	d.recent[id] = struct{}{}
	return true
}

// sameAddress compares htu with the address of a request, without query and fragment.
func sameAddress(htu, address string) bool {
	a, errA := url.Parse(htu)
	b, errB := url.Parse(address)
	return errA == nil && errB == nil && strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Host, b.Host) &&
		a.EscapedPath() == b.EscapedPath()
}

func invalidProof(err error) *oidc.Error {
	return (&oidc.Error{ErrorType: "invalid_dpop_proof"}).WithDescription("%s", err)
}

// thumbprintKey is where a request's context has the key that it has proved.
type thumbprintKey struct{}

func provenKey(ctx context.Context) string {
	thumbprint, _ := ctx.Value(thumbprintKey{}).(string)
	return thumbprint
}
