package authserver

import (
	"context"
	"errors"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/authserver/store"
)

// deviceLifetime bounds how long a user may take (RFC 8628 section 3.2, expires_in).
const deviceLifetime = 10 * time.Minute

// slowDown is added to the interval of a device that polls too early (section 3.5).
const slowDown = 5 * time.Second

// userCodeLetters are those of section 6.1: no vowels, so no words.
const userCodeLetters = "BCDFGHJKLMNPQRSTVWXZ"

// DeviceAuthorization is RFC 8628 section 3.1.
func (p protocol) DeviceAuthorization(ctx context.Context,
	r *op.ClientRequest[oidc.DeviceAuthorizationRequest]) (*op.Response, error) {
	c := r.Client.(*client)
	if !c.allows(oidc.GrantTypeDeviceCode) {
		return nil, oidc.ErrUnauthorizedClient().WithDescription("client is not registered for the device flow")
	}
	if c.refusedScope(r.Data.Scopes) != "" {
		return nil, oidc.ErrInvalidScope().WithDescription("client is not registered for all of the scope")
	}
	audience, err := c.target(r.Form.Get("audience"))
	if err != nil {
		return nil, err
	}
	shown, err := op.NewUserCode([]rune(userCodeLetters), 8, 4)
	if err != nil {
		return nil, serverError(err)
	}
	code := randomToken(32)
	d := store.Device{
		Signature: store.Signature(code), UserCode: store.PlainUserCode(shown), Client: c.ID,
		Scopes: []string(r.Data.Scopes), Audience: audience,
		Expires: p.desk.server.now().Add(deviceLifetime), Interval: p.desk.server.settings.DeviceInterval,
	}
	if err := p.desk.server.devices.Insert(ctx, d); err != nil {
		return nil, serverError(err)
	}
	at := op.IssuerFromContext(ctx) + settings.DevicePath
	return op.NewResponse(&oidc.DeviceAuthorizationResponse{
		DeviceCode: code, UserCode: shown, VerificationURI: at, VerificationURIComplete: at + "?user_code=" + shown,
		ExpiresIn: int(deviceLifetime / time.Second), Interval: int(d.Interval / time.Second),
	}), nil
}

// DeviceToken is RFC 8628 sections 3.4 and 3.5.
func (p protocol) DeviceToken(ctx context.Context, r *op.ClientRequest[oidc.DeviceAccessTokenRequest]) (*op.Response,
	error) {
	c, now := r.Client.(*client), p.desk.server.now()
	d, err := p.desk.server.devices.Find(ctx, r.Data.DeviceCode)
	switch {
	case err != nil && !errors.Is(err, store.ErrNoDevice):
		return nil, serverError(err)
	case err != nil || d.Client != c.ID || d.State == store.DeviceUsed:
		return nil, oidc.ErrInvalidGrant().WithDescription("unknown device code, or used before")
	case !now.Before(d.Expires):
		return nil, oidc.ErrExpiredDeviceCode()
	case d.State == store.DeviceRejected:
		return nil, oidc.ErrAccessDenied()
	case d.State == store.DevicePending:
		answer, interval := oidc.ErrAuthorizationPending(), d.Interval
		if now.Sub(d.Polled) < interval {
			answer, interval = oidc.ErrSlowDown(), interval+slowDown
		}
		if err := p.desk.server.devices.Poll(ctx, d, interval, now); err != nil {
			return nil, serverError(err)
		}
		return nil, answer
	}
	request := &deviceRequest{device: d, client: c, scopes: d.Scopes}
	request.Audience = d.Audience
	return p.desk.respond(ctx, request, c)
}
