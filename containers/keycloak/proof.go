package keycloak

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"

	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// prove sets how a client proves who it is. Assertions are for one audience: Keycloak refuses
// one that names the token endpoint beside the issuer.
func prove(a *stack.Access, spec oauth.ClientSpec, cred *oauth.Credential, body, attributes object) error {
	authenticator := map[string]string{
		oauth.AuthBasic: "client-secret", oauth.AuthPost: "client-secret", oauth.AuthNone: "client-secret",
		oauth.AuthSecretJWT: "client-secret-jwt", oauth.AuthPrivateKeyJWT: "client-jwt", oauth.AuthTLS: "client-x509",
	}[spec.AuthMethod]
	if authenticator == "" {
		return fmt.Errorf("client authentication %s: not driven at Keycloak: %w", spec.AuthMethod,
			errors.ErrUnsupported)
	}
	body["clientAuthenticatorType"] = authenticator
	if spec.SigningAlg != "" {
		attributes["token.endpoint.auth.signing.alg"], cred.Audience = spec.SigningAlg, realmAt(a.Site)
	}
	switch spec.AuthMethod {
	case oauth.AuthPrivateKeyJWT:
		attributes["use.jwks.string"], attributes["jwks.string"] = "true", string(spec.Keys)
	case oauth.AuthTLS:
		attributes["x509.subjectdn"], attributes["x509.allow.regex.pattern.comparison"] = spec.SubjectDN, "false"
	case oauth.AuthNone:
	default:
		cred.Secret = secretOf(a, cred.ClientID)
		body["secret"] = cred.Secret
	}
	return nil
}

// secretOf is the secret of a client of ours, which whoever has the stack's own can make again.
func secretOf(a *stack.Access, client string) string {
	sum := hmac.New(sha256.New, []byte(a.Secret))
	sum.Write([]byte(client))
	return hex.EncodeToString(sum.Sum(nil)[:20])
}

// asksAbout has refresh tokens introspected by the client whose they are, for from 26.6.2 nobody
// else is told of them.
func asksAbout(a *stack.Access, token string) (who oauth.Credential, hint string, differs bool) {
	client, is := oauth.RefreshOf(token)
	return own(a, client), "refresh_token", is
}

// exchangers is a scope that users' tokens have without asking: it names in aud every client
// that exchanges tokens, for Keycloak exchanges those alone in which the client is named.
const exchangers = "oauthbench-exchangers"

// nameExchanger adds a client to the audience of users' tokens.
func nameExchanger(ctx context.Context, a *stack.Access, client string) error {
	if err := makeScope(ctx, a, exchangers); err != nil {
		return err
	}
	var all []struct{ ID, Name string }
	if err := admin(ctx, a, http.MethodGet, "/"+realm+"/client-scopes", nil, &all); err != nil {
		return err
	}
	for _, scope := range all {
		if scope.Name == exchangers {
			return admin(ctx, a, http.MethodPost,
				"/"+realm+"/client-scopes/"+scope.ID+"/protocol-mappers/models",
				audienceMapper("included.custom.audience", client), nil)
		}
	}
	return errors.New("the scope of clients that exchange tokens is gone")
}
