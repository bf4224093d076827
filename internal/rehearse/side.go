package rehearse

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"oauthbench/internal/authserver/process"
	"oauthbench/internal/oauth"
	"oauthbench/scenarios/upgrade"
)

// side is one embedded server as upgrade sees it.
type side struct {
	server   *process.Process
	client   oauth.Credential
	resource oauth.Credential
	http     *http.Client
}

const scope = "read offline_access"

// callback is registered and never called.
const callback = "http://127.0.0.1/callback"

func (s *side) Issue(ctx context.Context, subject string) (upgrade.Grant, error) {
	verifier, challenge := oauth.NewVerifier()
	code, err := s.server.Authorize(ctx, oauth.Authorization{
		ClientID: s.client.ClientID, RedirectURI: callback, Scope: scope, State: "rehearsal", Challenge: challenge,
		Subject: subject,
	})
	if err != nil {
		return upgrade.Grant{}, err
	}
	return s.grant(ctx, oauth.Code(s.server.Endpoints().Token, s.client, code, callback, verifier))
}

func (s *side) Refresh(ctx context.Context, refresh string) (upgrade.Grant, error) {
	return s.grant(ctx, oauth.Refresh(s.server.Endpoints().Token, s.client, refresh))
}

func (s *side) grant(ctx context.Context, r oauth.Request) (upgrade.Grant, error) {
	body, err := s.send(ctx, r)
	if err != nil {
		return upgrade.Grant{}, err
	}
	token, err := oauth.ParseToken(body)
	return upgrade.Grant{Access: token.AccessToken, Refresh: token.RefreshToken}, err
}

func (s *side) Active(ctx context.Context, token string) (bool, error) {
	body, err := s.send(ctx, oauth.Introspect(s.server.Endpoints().Introspection, s.resource, token))
	if err != nil {
		return false, err
	}
	seen, err := oauth.ParseIntrospection(body)
	return seen.Active, err
}

func (s *side) RevokeToken(ctx context.Context, token string) error {
	_, err := s.send(ctx, oauth.Revoke(s.server.Endpoints().Revocation, s.client, token, ""))
	return err
}

func (s *side) RevokeConsent(ctx context.Context, subject string) error {
	return s.server.EndConsent(ctx, subject)
}

// answerLimit bounds an answer, in bytes.
const answerLimit = 1 << 20

// send gives the body of an answer that must be 200.
func (s *side) send(ctx context.Context, r oauth.Request) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	req.Header = r.Header.Clone()
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s %s", req.URL.Path, resp.Status, oauth.ParseError(body))
	}
	return body, err
}
