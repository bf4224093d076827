package authserver

import (
	"context"
	"errors"
	"slices"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/oauthbench/oauthbench/internal/authserver/store"
)

// JWTProfile is the JWT bearer grant (RFC 7523 section 2.1). The issuer of an assertion
// is a registered client, which signs it with a key of its JWK Set; the subject is
// anybody. Client authentication is optional (section 3.1), but verified when given.
func (p protocol) JWTProfile(ctx context.Context, r *op.Request[oidc.JWTProfileGrantRequest]) (*op.Response, error) {
	refused := func(description string) (*op.Response, error) {
		return nil, oidc.ErrInvalidGrant().WithDescription("%s", description)
	}
	given, err := credentials(r.Header, r.Form)
	if err != nil {
		return nil, err
	}
	if *given != (op.ClientCredentials{}) {
		authenticated, err := p.VerifyClient(ctx,
			&op.Request[op.ClientCredentials]{Header: r.Header, Form: r.Form, Data: given})
		if err != nil {
			return nil, err
		}
		given.ClientID = authenticated.GetID()
	}
	a, err := parseAssertion(r.Data.Assertion)
	if err != nil {
		return refused(err.Error())
	}
	c, err := p.desk.server.client(ctx, a.claims.Issuer)
	switch {
	case errors.Is(err, store.ErrNoClient):
		return refused("issuer of the assertion is not a client")
	case err != nil:
		return nil, serverError(err)
	case given.ClientID != "" && given.ClientID != c.ID:
		return refused("assertion is of another client")
	case !c.allows(oidc.GrantTypeBearer):
		return nil, oidc.ErrUnauthorizedClient().WithDescription("client is not registered for the JWT bearer grant")
	case a.claims.Subject == "":
		return refused("assertion without sub")
	}
	keys, err := c.publicKeys(a)
	if err != nil {
		return nil, serverError(err)
	}
	if err := a.verify(keys, ownNames(ctx), p.desk.server.now()); err != nil {
		return refused(err.Error())
	}
	request := &loneRequest{client: c, subject: a.claims.Subject}
	if request.scopes, err = c.scopesFor(r.Data.Scope); err != nil {
		return nil, err
	}
	if request.Audience, err = c.target(r.Form.Get("audience")); err != nil {
		return nil, err
	}
	if unused, err := p.desk.server.assertions.Use(ctx, c.ID, a.claims.ID, a.claims.Expiry.Time()); err != nil {
		return nil, serverError(err)
	} else if !unused {
		return refused("assertion was used before")
	}
	return p.desk.respond(ctx, request, c)
}

// TokenExchange is RFC 8693: a live access token of this server for another one, with
// the same scope or less, for an audience of the client's. With an actor_token the
// actor is its subject.
func (p protocol) TokenExchange(ctx context.Context, r *op.ClientRequest[oidc.TokenExchangeRequest]) (*op.Response,
	error) {
	c := r.Client.(*client)
	if t := r.Data.RequestedTokenType; t != "" && t != oidc.AccessTokenType {
		return nil, oidc.ErrInvalidRequest().WithDescription("requested_token_type must be that of access tokens")
	}
	subject, err := p.desk.exchanged(ctx, r.Data.SubjectToken, r.Data.SubjectTokenType, "subject_token")
	if err != nil {
		return nil, err
	}
	request := &loneRequest{client: c, subject: subject.Subject, scopes: []string(r.Data.Scopes)}
	if len(request.scopes) == 0 {
		request.scopes = fields(subject.Scope)
	}
	for _, scope := range request.scopes {
		if !slices.Contains(fields(subject.Scope), scope) {
			return nil, oidc.ErrInvalidScope().WithDescription("subject_token has not all of the scope")
		}
	}
	if request.Audience, err = c.target(r.Form.Get("audience")); err != nil {
		return nil, err
	}
	if r.Data.ActorToken != "" {
		actor, err := p.desk.exchanged(ctx, r.Data.ActorToken, r.Data.ActorTokenType, "actor_token")
		if err != nil {
			return nil, err
		}
		request.Actor = actor.Subject
	}
	answer, err := p.desk.grant(ctx, request, c)
	if err != nil {
		return nil, err
	}
	return op.NewResponse(&oidc.TokenExchangeResponse{
		AccessToken: answer.AccessToken, IssuedTokenType: oidc.AccessTokenType, TokenType: answer.TokenType,
		ExpiresIn: answer.ExpiresIn, Scopes: answer.Scope,
	}), nil
}

// exchanged finds a token that is to be exchanged. RFC 8693 section 2.2.2: one that is
// not acceptable makes the request invalid.
func (d desk) exchanged(ctx context.Context, value string, kind oidc.TokenType, parameter string) (store.Token,
	error) {
	if kind != oidc.AccessTokenType {
		return store.Token{}, oidc.ErrInvalidRequest().WithDescription("%s_type must be that of access tokens",
			parameter)
	}
	t, found, err := d.find(ctx, value)
	now := d.server.now()
	switch {
	case err != nil && !errors.Is(err, store.ErrNoToken):
		return store.Token{}, serverError(err)
	case err != nil || found != accessToken || !d.server.seen(t, now).Live(now, 0):
		return store.Token{}, oidc.ErrInvalidRequest().WithDescription("%s is not a live access token", parameter)
	}
	return t, nil
}
