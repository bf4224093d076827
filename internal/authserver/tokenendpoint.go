package authserver

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/oauthbench/oauthbench/internal/authserver/store"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// ClientCredentialsExchange is RFC 6749 section 4.4. Without a scope parameter the
// client gets all that it is registered for.
func (p protocol) ClientCredentialsExchange(ctx context.Context,
	r *op.ClientRequest[oidc.ClientCredentialsRequest]) (*op.Response, error) {
	c := r.Client.(*client)
	if c.Method == oauth.AuthNone {
		return nil, oidc.ErrUnauthorizedClient().WithDescription("public clients have no credentials")
	}
	request := &loneRequest{client: c, subject: c.ID}
	var err error
	if request.scopes, err = c.scopesFor(r.Data.Scope); err != nil {
		return nil, err
	}
	if request.Audience, err = c.target(r.Form.Get("audience")); err != nil {
		return nil, err
	}
	asked := strings.Join([]string{c.ID, spaced(request.scopes), spaced(request.Audience), provenKey(ctx)}, "\n")
	if again := p.desk.again(ctx, asked); again != nil {
		return op.NewResponse(again), nil
	}
	answer, err := p.desk.grant(ctx, request, c)
	if err != nil {
		return nil, err
	}
	p.desk.keep(ctx, asked, answer)
	return op.NewResponse(answer), nil
}

// Authorize hands on the audience, which op does not know.
func (p protocol) Authorize(ctx context.Context, r *op.ClientRequest[oidc.AuthRequest]) (*op.Redirect, error) {
	audience, err := r.Client.(*client).target(r.Form.Get("audience"))
	if err != nil {
		return nil, err
	}
	if len(audience) > 0 {
		ctx = context.WithValue(ctx, audienceKey{}, audience)
	}
	return p.LegacyServer.Authorize(ctx, r)
}

// CodeExchange is RFC 6749 section 4.1.3. Unlike op it also asks confidential clients
// for the verifier when their request had a challenge (RFC 7636 section 4.6).
func (p protocol) CodeExchange(ctx context.Context, r *op.ClientRequest[oidc.AccessTokenRequest]) (*op.Response,
	error) {
	c := r.Client.(*client)
	found, err := op.AuthRequestByCode(ctx, p.Provider().Storage(), r.Data.Code)
	if err != nil {
		return nil, codeError(err)
	}
	request := found.(*signIn)
	switch {
	case request.ClientID != c.ID:
		return nil, oidc.ErrInvalidGrant().WithDescription("code of another client")
	case request.RedirectURI != r.Data.RedirectURI:
		return nil, oidc.ErrInvalidGrant().WithDescription("redirect_uri does not correspond")
	}
	if err := op.AuthorizeCodeChallenge(r.Data.CodeVerifier, request.GetCodeChallenge()); err != nil {
		return nil, err
	}
	request.client, request.bound.Audience = c, request.Audience
	return p.desk.respond(ctx, request, c)
}

// codeError tells a database that failed from a code that is not valid: op calls
// both invalid_grant.
func codeError(err error) error {
	var answer *oidc.Error
	if errors.As(err, &answer) {
		var parent *oidc.Error
		if errors.Is(answer.Parent, store.ErrNoSignIn) || errors.As(answer.Parent, &parent) {
			return oidc.ErrInvalidGrant().WithDescription("invalid code")
		}
	}
	return serverError(err)
}

// RefreshToken is RFC 6749 section 6 with rotation.
func (p protocol) RefreshToken(ctx context.Context, r *op.ClientRequest[oidc.RefreshTokenRequest]) (*op.Response,
	error) {
	c := r.Client.(*client)
	old, err := grants{p.desk.server}.refreshable(ctx, c, r.Data.RefreshToken)
	if err != nil {
		return nil, serverError(err)
	}
	request := &refreshRequest{old: old, client: c, scopes: fields(old.Scope)}
	if err := op.ValidateRefreshTokenScopes(r.Data.Scopes, request); err != nil {
		return nil, err
	}
	request.Audience = old.Audience
	if old.Thumbprint != "" && old.Thumbprint != provenKey(ctx) {
		return nil, oidc.ErrInvalidGrant().WithDescription("refresh token is bound to another key")
	}
	return p.desk.respond(ctx, request, c)
}

// respond answers with the tokens of request.
func (d desk) respond(ctx context.Context, request tokenRequest, c *client) (*op.Response, error) {
	answer, err := d.grant(ctx, request, c)
	if err != nil {
		return nil, err
	}
	return op.NewResponse(answer), nil
}

// grant issues the tokens of request, bound to the key that was proved, if any. An ID
// token comes only to a user's grant with the scope openid (OpenID Connect Core 1.0
// section 3.1.2.1); op would sign one for every grant.
func (d desk) grant(ctx context.Context, request tokenRequest, c *client) (*oidc.AccessTokenResponse, error) {
	request.SetCurrentScopes(d.server.lapses.Scope(request.GetScopes()))
	request.extra().Thumbprint = provenKey(ctx)
	tokens, err := grants{d.server}.issue(ctx, request)
	if err != nil {
		return nil, serverError(err)
	}
	if err := d.endFormer(ctx, c.ID, request.GetSubject(), tokens.id); err != nil {
		return nil, serverError(err)
	}
	answer := &oidc.AccessTokenResponse{
		RefreshToken: tokens.refresh, TokenType: oidc.BearerToken, Scope: request.GetScopes(),
		ExpiresIn: uint64(c.AccessLifetime / time.Second),
	}
	if request.extra().Thumbprint != "" {
		answer.TokenType = dpopToken
	}
	if c.tokens == op.AccessTokenTypeJWT {
		answer.AccessToken, err = op.CreateJWT(ctx, op.IssuerFromContext(ctx), jwtRequest{request}, tokens.expires,
			tokens.id, c, storage{d.server})
		if err == nil {
			answer.AccessToken, err = d.alter(answer.AccessToken, tokens.id)
		}
	} else {
		answer.AccessToken, err = op.CreateBearerToken(tokens.id, request.GetSubject(), d.server.crypto)
	}
	if err != nil {
		return nil, serverError(err)
	}
	d.server.lapses.Issued(answer.AccessToken)
	d.server.lapses.Issued(answer.RefreshToken)
	identity, ok := request.(op.IDTokenRequest)
	if ok && slices.Contains(request.GetScopes(), oidc.ScopeOpenID) {
		answer.IDToken, err = op.CreateIDToken(ctx, op.IssuerFromContext(ctx), identity, c.IDTokenLifetime(),
			answer.AccessToken, "", storage{d.server}, c)
		if err != nil {
			return nil, serverError(err)
		}
	}
	return answer, nil
}

// Revocation is RFC 7009. An unknown token is a success (section 2.2), a token of
// another client is refused (section 2.1).
func (p protocol) Revocation(ctx context.Context, r *op.ClientRequest[oidc.RevocationRequest]) (*op.Response, error) {
	if p.desk.server.lapses.Unsupported(r.Data.Token) {
		return nil, unsupported()
	}
	t, kind, err := p.desk.find(ctx, r.Data.Token)
	switch {
	case errors.Is(err, store.ErrNoToken):
		return op.NewResponse(nil), nil
	case err != nil:
		return nil, serverError(err)
	case t.Client != r.Client.GetID() && !p.desk.server.lapses.Revocations.AnyClient():
		return nil, oidc.ErrInvalidGrant().WithDescription("token of another client")
	case p.desk.server.lapses.Revocations.Loses():
	case kind == refreshToken:
		// Section 2.1: the access tokens of the same grant end too.
		err = grants{p.desk.server}.revokeGrant(ctx, t.Grant)
		p.desk.server.lapses.Revocations.Revoked(t.Grant, p.desk.server.now())
	default:
		err = p.desk.server.tokens.RevokeAccess(ctx, t.Signature, p.desk.server.now())
		p.desk.server.lapses.Revocations.Revoked(t.Signature, p.desk.server.now())
	}
	if err == nil {
		err = p.desk.server.endClient(ctx, t.Client)
	}
	if err != nil {
		return nil, serverError(err)
	}
	return op.NewResponse(nil), nil
}
