package authserver

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/oauthbench/oauthbench/internal/authserver/store"
)

// protocol is op's server with the answers replaced in which op leaves the RFCs.
type protocol struct {
	*op.LegacyServer
	desk desk
}

// desk is where clients are known and tokens are found and issued, for the answers of
// protocol and of front.
type desk struct {
	provider op.OpenIDProvider
	server   *Server
}

// dpopToken is the token_type of RFC 9449 section 5.
const dpopToken = "DPoP"

// Kinds of tokens, by the names of RFC 7009 section 2.1.
const (
	accessToken  = "access_token"
	refreshToken = "refresh_token"
)

// find looks up a token by what was handed to the client, in any state, or gives
// errNoToken. Refresh tokens have no dot, access tokens of both forms do, so no
// token_type_hint is needed.
func (d desk) find(ctx context.Context, value string) (t store.Token, kind string, err error) {
	value = d.server.lapses.Meant(value)
	if !strings.Contains(value, ".") {
		t, err = d.server.tokens.Refresh(ctx, store.Signature(value))
		return t, refreshToken, err
	}
	id := ""
	if altered := d.server.lapses.Altered(value); altered != "" {
		id = altered
	} else if plain, err := d.provider.Crypto().Decrypt(value); err == nil {
		id, _, _ = strings.Cut(plain, ":")
	} else if claims, err := op.VerifyAccessToken[*oidc.AccessTokenClaims](ctx, value,
		d.provider.AccessTokenVerifier(ctx)); err == nil {
		id = claims.JWTID
	}
	if id == "" {
		return store.Token{}, accessToken, store.ErrNoToken
	}
	t, err = d.server.tokens.Access(ctx, store.Signature(id))
	return t, accessToken, err
}

func invalidClient(description string) error {
	return op.NewStatusError(oidc.ErrInvalidClient().WithDescription("%s", description), http.StatusUnauthorized)
}

// serverError keeps an answer of the protocol and hides any other error from the
// client, in the chain for the log.
func serverError(err error) error {
	var answer *oidc.Error
	if errors.As(err, &answer) {
		return err
	}
	return oidc.ErrServerError().WithParent(err)
}

// front stands before op: it sees requests that op must not, and answers those that op
// cannot.
type front struct{ desk }
