package authserver

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"oauthbench/internal/oauth"
)

// protocol is op's server with the answers replaced in which op leaves the RFCs.
type protocol struct {
	*op.LegacyServer
	server *Server
}

// VerifyClient authenticates a client by the one method it is registered for (RFC
// 7591 section 2). A failure is 401 (RFC 6749 section 5.2), where op would answer 400.
func (p protocol) VerifyClient(ctx context.Context, r *op.Request[op.ClientCredentials]) (op.Client, error) {
	method := oauth.AuthNone
	switch {
	case r.Data.ClientAssertion != "":
		return nil, invalidClient("client assertions are not supported")
	case r.Header.Get("Authorization") != "":
		method = oauth.AuthBasic
	case r.Data.ClientSecret != "":
		method = oauth.AuthPost
	}
	c, err := p.server.clients.find(ctx, r.Data.ClientID)
	if errors.Is(err, errNoClient) {
		return nil, invalidClient("unknown client")
	}
	if err != nil {
		return nil, serverError(err)
	}
	if c.authMethod != method {
		return nil, invalidClient("client is registered for " + c.authMethod)
	}
	if method == oauth.AuthNone {
		return c, nil
	}
	if err := verifySecret(c.secretHash, r.Data.ClientSecret); errors.Is(err, errWrongSecret) {
		return nil, invalidClient("wrong client secret")
	} else if err != nil {
		return nil, serverError(err)
	}
	return c, nil
}

// ClientCredentialsExchange is RFC 6749 section 4.4. Without a scope parameter the
// client gets all that it is registered for.
func (p protocol) ClientCredentialsExchange(ctx context.Context, r *op.ClientRequest[oidc.ClientCredentialsRequest]) (*op.Response, error) {
	c := r.Client.(*client)
	if c.authMethod == oauth.AuthNone {
		return nil, oidc.ErrUnauthorizedClient().WithDescription("public clients have no credentials")
	}
	scopes := []string(r.Data.Scope)
	if len(scopes) == 0 {
		scopes = c.scopes
	}
	if slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(c.scopes, s) }) {
		return nil, oidc.ErrInvalidScope().WithDescription("client is not registered for all of the scope")
	}
	return p.respond(ctx, &clientRequest{c, scopes}, c, "", "")
}

// CodeExchange is RFC 6749 section 4.1.3. Unlike op it also asks confidential clients
// for the verifier when their request had a challenge (RFC 7636 section 4.6).
func (p protocol) CodeExchange(ctx context.Context, r *op.ClientRequest[oidc.AccessTokenRequest]) (*op.Response, error) {
	c := r.Client.(*client)
	found, err := op.AuthRequestByCode(ctx, p.Provider().Storage(), r.Data.Code)
	if err != nil {
		return nil, codeError(err)
	}
	request := found.(*signIn)
	switch {
	case request.clientID != c.id:
		return nil, oidc.ErrInvalidGrant().WithDescription("code of another client")
	case request.redirectURI != r.Data.RedirectURI:
		return nil, oidc.ErrInvalidGrant().WithDescription("redirect_uri does not correspond")
	}
	if err := op.AuthorizeCodeChallenge(r.Data.CodeVerifier, request.GetCodeChallenge()); err != nil {
		return nil, err
	}
	request.client = c
	return p.respond(ctx, request, c, r.Data.Code, "")
}

// codeError tells a database that failed from a code that is not valid: op calls
// both invalid_grant.
func codeError(err error) error {
	var answer *oidc.Error
	if errors.As(err, &answer) {
		var parent *oidc.Error
		if errors.Is(answer.Parent, errNoSignIn) || errors.As(answer.Parent, &parent) {
			return oidc.ErrInvalidGrant().WithDescription("invalid code")
		}
	}
	return serverError(err)
}

// RefreshToken is RFC 6749 section 6 with rotation.
func (p protocol) RefreshToken(ctx context.Context, r *op.ClientRequest[oidc.RefreshTokenRequest]) (*op.Response, error) {
	c := r.Client.(*client)
	old, err := p.server.refreshable(ctx, c, r.Data.RefreshToken)
	if err != nil {
		return nil, serverError(err)
	}
	request := &refreshRequest{old: old, client: c, scopes: fields(old.scope)}
	if err := op.ValidateRefreshTokenScopes(r.Data.Scopes, request); err != nil {
		return nil, err
	}
	return p.respond(ctx, request, c, "", r.Data.RefreshToken)
}

// respond issues the tokens of request. An ID token comes only with the scope openid
// (OpenID Connect Core 1.0 section 3.1.2.1); op would sign one for every grant.
func (p protocol) respond(ctx context.Context, request tokenRequest, c *client, code, refresh string) (*op.Response, error) {
	var answer *oidc.AccessTokenResponse
	request.SetCurrentScopes(p.server.lapses.scope(request.GetScopes()))
	identity, ok := request.(op.IDTokenRequest)
	if ok && slices.Contains(request.GetScopes(), oidc.ScopeOpenID) {
		var err error
		if answer, err = op.CreateTokenResponse(ctx, identity, c, p.Provider(), true, code, refresh); err != nil {
			return nil, serverError(err)
		}
	} else {
		access, next, _, err := op.CreateAccessToken(ctx, request, c.tokens, p.Provider(), c, refresh)
		if err != nil {
			return nil, serverError(err)
		}
		answer = &oidc.AccessTokenResponse{
			AccessToken: access, RefreshToken: next, TokenType: oidc.BearerToken, Scope: request.GetScopes(),
		}
	}
	// op counts from after the insert and rounds down: 3599 for an hour.
	answer.ExpiresIn = uint64(c.accessLifetime / time.Second)
	return op.NewResponse(answer), nil
}

// JWTProfile is not offered; op would look for keys of clients that have none.
func (p protocol) JWTProfile(ctx context.Context, r *op.Request[oidc.JWTProfileGrantRequest]) (*op.Response, error) {
	return op.UnimplementedServer{}.JWTProfile(ctx, r)
}

// Revocation is RFC 7009. An unknown token is a success (section 2.2), a token of
// another client is refused (section 2.1).
func (p protocol) Revocation(ctx context.Context, r *op.ClientRequest[oidc.RevocationRequest]) (*op.Response, error) {
	t, kind, err := p.find(ctx, r.Data.Token)
	switch {
	case errors.Is(err, errNoToken):
		return op.NewResponse(nil), nil
	case err != nil:
		return nil, serverError(err)
	case t.client != r.Client.GetID():
		return nil, oidc.ErrInvalidGrant().WithDescription("token of another client")
	case p.server.lapses.loses():
	case kind == refreshToken:
		// Section 2.1: the access tokens of the same grant end too.
		err = p.server.revokeGrant(ctx, t.grant)
		p.server.lapses.revoked(t.grant, p.server.now())
	default:
		err = p.server.tokens.revokeAccess(ctx, t.signature, p.server.now())
		p.server.lapses.revoked(t.signature, p.server.now())
	}
	if err != nil {
		return nil, serverError(err)
	}
	return op.NewResponse(nil), nil
}

// Kinds of tokens, by the names of RFC 7009 section 2.1.
const (
	accessToken  = "access_token"
	refreshToken = "refresh_token"
)

// find looks up a token by what was handed to the client, in any state, or gives
// errNoToken. Refresh tokens have no dot, access tokens of both forms do, so no
// token_type_hint is needed.
func (p protocol) find(ctx context.Context, value string) (t token, kind string, err error) {
	if !strings.Contains(value, ".") {
		t, err = p.server.tokens.refresh(ctx, signature(value))
		return t, refreshToken, err
	}
	id := ""
	if plain, err := p.Provider().Crypto().Decrypt(value); err == nil {
		id, _, _ = strings.Cut(plain, ":")
	} else if claims, err := op.VerifyAccessToken[*oidc.AccessTokenClaims](ctx, value, p.Provider().AccessTokenVerifier(ctx)); err == nil {
		id = claims.JWTID
	}
	if id == "" {
		return token{}, accessToken, errNoToken
	}
	t, err = p.server.tokens.access(ctx, signature(id))
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
