package authserver

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"github.com/oauthbench/oauthbench/internal/authserver/lapses"
	"github.com/oauthbench/oauthbench/internal/authserver/store"
	"github.com/oauthbench/oauthbench/internal/faults"
)

// alter gives a JWT with the claims and the signature that planted faults want.
func (d desk) alter(text, id string) (string, error) {
	var claims map[string]any
	payload, err := oidc.ParseToken(text, &claims)
	if err != nil {
		return "", err
	}
	changed, unknown := d.server.lapses.Claims(claims), d.server.lapses.UnknownKey()
	if !changed && !unknown {
		return text, nil
	}
	if changed {
		if payload, err = json.Marshal(claims); err != nil {
			return "", err
		}
	}
	key := jose.JSONWebKey{Key: d.server.keys.signing, KeyID: d.server.keys.signingID}
	if unknown {
		key = unknownKey()
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	if text, err = signed.CompactSerialize(); err == nil {
		d.server.lapses.Alter(text, id)
	}
	return text, err
}

// unknownKey is in no key set.
var unknownKey = sync.OnceValue(func() jose.JSONWebKey {
	key, err := rsa.GenerateKey(rand.Reader, signingBits)
	if err != nil {
		panic(err) // no randomness is left on this machine
	}
	return jose.JSONWebKey{Key: key, KeyID: "unknown"}
})

// again answers with a token that was issued before, when the server gives the same
// token again; nil when there is none.
func (d desk) again(ctx context.Context, asked string) *oidc.AccessTokenResponse {
	now := d.server.now()
	k, ok := d.server.lapses.Repeats.Again(asked, now)
	if !ok {
		return nil
	}
	t, err := d.server.tokens.Access(ctx, k.Signature)
	if err != nil || !t.Live(now, 0) {
		return nil
	}
	answer := &oidc.AccessTokenResponse{AccessToken: k.Value, TokenType: oidc.BearerToken, Scope: fields(t.Scope)}
	answer.ExpiresIn = uint64(k.Expires.Sub(now) / time.Second)
	if t.Thumbprint != "" {
		answer.TokenType = dpopToken
	}
	return answer
}

// keep remembers the token of an answer for again.
func (d desk) keep(ctx context.Context, asked string, answer *oidc.AccessTokenResponse) {
	if d.server.lapses.None() {
		return
	}
	if t, _, err := d.find(ctx, answer.AccessToken); err == nil {
		d.server.lapses.Repeats.Keep(asked,
			lapses.Kept{Value: answer.AccessToken, Signature: t.Signature, Expires: t.Expires})
	}
}

// endFormer revokes the access token that a new one replaces, when a planted fault wants it.
func (d desk) endFormer(ctx context.Context, client, subject, id string) error {
	former := d.server.lapses.Repeats.Former(client, subject, store.Signature(id))
	if former == "" {
		return nil
	}
	return d.server.tokens.RevokeAccess(ctx, former, d.server.now())
}

// dated lets every answer have the time of the server's own clock, when that is skewed.
func (s *Server) dated(next http.Handler) http.Handler {
	if s.lapses.Skew() == 0 {
		return next
	}
	return faults.Rewriting(next, func(_ int, header http.Header, body []byte) []byte {
		header.Set("Date", s.now().UTC().Format(http.TimeFormat))
		return body
	})
}
