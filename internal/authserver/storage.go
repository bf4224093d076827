package authserver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/oauthbench/oauthbench/internal/authserver/store"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// storage shows a Server to op (op.Storage). Grants, introspection and revocation do
// not come this way: see protocol, which answers them itself where op's way to ask
// its storage loses what the RFCs need.
type storage struct{ server *Server }

// errNotOffered answers the questions of op that protocol never lets it ask.
var errNotOffered = errors.New("not offered by this server")

// CreateAuthRequest checks what op leaves open and stores the request.
func (s storage) CreateAuthRequest(ctx context.Context, r *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	c, err := s.server.client(ctx, r.ClientID)
	if err != nil {
		return nil, err
	}
	switch {
	case !c.allows(oidc.GrantTypeCode):
		return nil, oidc.ErrUnauthorizedClient().WithDescription("client is not registered for authorization_code")
	case slices.Contains(r.Prompt, oidc.PromptNone):
		// OpenID Connect Core 1.0 section 3.1.2.6: nobody is ever logged in here.
		return nil, oidc.ErrLoginRequired()
	case r.CodeChallenge == "" && c.Method == oauth.AuthNone:
		// RFC 9700 section 2.1.1: public clients must use PKCE.
		return nil, oidc.ErrInvalidRequest().WithDescription("code_challenge is required of public clients")
	case r.CodeChallenge != "" && r.CodeChallengeMethod != oidc.CodeChallengeMethodS256:
		return nil, oidc.ErrInvalidRequest().WithDescription("code_challenge_method must be S256")
	}
	if scope := c.refusedScope(r.Scopes); scope != "" {
		return nil, oidc.ErrInvalidScope().WithDescription("client is not registered for all of the scope")
	}
	request := &signIn{SignIn: store.SignIn{
		Audience: requestedAudience(ctx),
		ID:       randomToken(16), ClientID: c.ID, RedirectURI: r.RedirectURI, Scopes: r.Scopes, State: r.State,
		Nonce:        r.Nonce,
		ResponseMode: string(r.ResponseMode), CodeChallenge: r.CodeChallenge,
		Expires: s.server.now().Add(store.SignInLifetime),
	}}
	return request, s.server.signIns.Insert(ctx, request.SignIn)
}

func requestedAudience(ctx context.Context) []string {
	audience, _ := ctx.Value(audienceKey{}).([]string)
	return audience
}

func (s storage) AuthRequestByID(ctx context.Context, id string) (op.AuthRequest, error) {
	r, err := s.server.signIns.ByID(ctx, id)
	if err == nil && !s.server.now().Before(r.Expires) {
		err = store.ErrNoSignIn
	}
	if err != nil {
		return nil, err
	}
	return &signIn{SignIn: r}, nil
}

func (s storage) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	r, err := s.server.signIns.ByCode(ctx, code)
	switch {
	case err != nil:
		return nil, err
	case r.CodeUsed:
		return nil, grants(s).reused(ctx, r.ID, "code was used before")
	case !s.server.now().Before(r.Expires):
		return nil, store.ErrNoSignIn
	}
	return &signIn{SignIn: r}, nil
}

func (s storage) SaveAuthCode(ctx context.Context, id, code string) error {
	return s.server.signIns.SetCode(ctx, id, code, s.server.now())
}

// DeleteAuthRequest keeps the request: a spent code must be known to be recognized
// when it comes again.
func (s storage) DeleteAuthRequest(context.Context, string) error { return nil }

func (s storage) SigningKey(context.Context) (op.SigningKey, error) {
	return signingKey{s.server.keys}, nil
}
func (s storage) KeySet(context.Context) ([]op.Key, error) {
	return []op.Key{publicKey{s.server.keys}}, nil
}

func (s storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

// GetClientByClientID serves the authorization endpoint: without a known client
// there is no redirect_uri to trust (RFC 6749 section 4.1.2.1).
func (s storage) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := s.server.client(ctx, id)
	if errors.Is(err, store.ErrNoClient) {
		return nil, oidc.ErrInvalidRequestRedirectURI().WithDescription("unknown client_id")
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// GetPrivateClaimsFromRequest gives JWT access tokens their scope (RFC 9068 section
// 2.2.3) and the key they are bound to (RFC 9449 section 6.1).
func (s storage) GetPrivateClaimsFromRequest(_ context.Context, r op.TokenRequest, _ []string) (map[string]any, error) {
	claims := map[string]any{"scope": spaced(r.GetScopes())}
	if thumbprint := r.(jwtRequest).extra().Thumbprint; thumbprint != "" {
		claims["cnf"] = confirmation{thumbprint}
	}
	return claims, nil
}

// SetUserinfoFromScopes repeats the subject, which op otherwise takes out of the ID
// token again. Nothing else is known of anybody.
func (s storage) SetUserinfoFromScopes(_ context.Context, info *oidc.UserInfo, subject, _ string, _ []string) error {
	info.Subject = subject
	return nil
}

// Health reads the database.
func (s storage) Health(ctx context.Context) error {
	var n int
	if err := s.server.database.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM migrations`).Scan(&n); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

func (s storage) CreateAccessToken(context.Context, op.TokenRequest) (string, time.Time, error) {
	return "", time.Time{}, errNotOffered
}
func (s storage) CreateAccessAndRefreshTokens(context.Context, op.TokenRequest, string) (string, string, time.Time,
	error) {
	return "", "", time.Time{}, errNotOffered
}
func (s storage) TokenRequestByRefreshToken(context.Context, string) (op.RefreshTokenRequest, error) {
	return nil, errNotOffered
}
func (s storage) TerminateSession(context.Context, string, string) error { return errNotOffered }
func (s storage) RevokeToken(context.Context, string, string, string) *oidc.Error {
	return oidc.ErrServerError().WithParent(errNotOffered)
}
func (s storage) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", errNotOffered
}
func (s storage) AuthorizeClientIDSecret(context.Context, string, string) error { return errNotOffered }
func (s storage) SetUserinfoFromToken(context.Context, *oidc.UserInfo, string, string, string) error {
	return errNotOffered
}
func (s storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errNotOffered
}
func (s storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, errNotOffered
}
func (s storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errNotOffered
}
func (s storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errNotOffered
}

// audienceKey is where the context of an authorization request has its audience.
type audienceKey struct{}
