package authserver

import (
	"context"
	"database/sql"
	"errors"
	"oauthbench/internal/authserver/settings"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// deviceLifetime bounds how long a user may take (RFC 8628 section 3.2, expires_in).
const deviceLifetime = 10 * time.Minute

// slowDown is added to the interval of a device that polls too early (section 3.5).
const slowDown = 5 * time.Second

// userCodeLetters are those of section 6.1: no vowels, so no words.
const userCodeLetters = "BCDFGHJKLMNPQRSTVWXZ"

// States of a device.
const (
	devicePending  = "pending"
	deviceAccepted = "accepted"
	deviceRejected = "rejected"
	deviceUsed     = "used"
)

// device is one device authorization request.
type device struct {
	signature, userCode, client string
	scopes, audience            []string
	state, subject              string
	authTime, expires, polled   time.Time
	interval                    time.Duration
}

// errNoDevice says that no device waits for a user under that code.
var errNoDevice = errors.New("no such device, or it has expired or was answered before")

// deviceTable may be used by any number of goroutines.
type deviceTable struct {
	statements
	insertStmt, findStmt, pollStmt, answerStmt, useStmt *sql.Stmt
}

func openDeviceTable(ctx context.Context, d *database) (*deviceTable, error) {
	t := &deviceTable{statements: statements{d: d}}
	t.insertStmt = t.write(ctx, `INSERT INTO devices (signature, user_code, client_id, scope, audience, state, subject, auth_time, expires_at, poll_interval, polled_at)
		VALUES (?, ?, ?, ?, ?, 'pending', '', 0, ?, ?, 0)`)
	t.findStmt = t.read(ctx, `SELECT client_id, scope, audience, state, subject, auth_time, expires_at, poll_interval, polled_at FROM devices WHERE signature = ?`)
	t.pollStmt = t.write(ctx, `UPDATE devices SET polled_at = ?, poll_interval = ? WHERE signature = ?`)
	t.answerStmt = t.write(ctx, `UPDATE devices SET state = ?, subject = ?, scope = CASE WHEN ? = '' THEN scope ELSE ? END, auth_time = ?
		WHERE user_code = ? AND state = 'pending' AND expires_at > ?`)
	t.useStmt = t.write(ctx, `UPDATE devices SET state = 'used' WHERE signature = ? AND state = 'accepted'`)
	return t, t.err
}

func (t *deviceTable) insert(ctx context.Context, d device) error {
	_, err := t.insertStmt.ExecContext(ctx, d.signature, d.userCode, d.client, spaced(d.scopes), spaced(d.audience),
		d.expires.UnixMicro(), int64(d.interval/time.Second))
	return err
}

// find gives the device with the code, or errNoDevice.
func (t *deviceTable) find(ctx context.Context, code string) (device, error) {
	d := device{signature: signature(code)}
	var scope, audience string
	var authTime, expires, interval, polled int64
	err := t.findStmt.QueryRowContext(ctx, d.signature).Scan(&d.client, &scope, &audience, &d.state, &d.subject, &authTime, &expires, &interval, &polled)
	if errors.Is(err, sql.ErrNoRows) {
		return device{}, errNoDevice
	}
	d.scopes, d.audience, d.interval = fields(scope), fields(audience), time.Duration(interval)*time.Second
	d.authTime, d.expires, d.polled = time.UnixMicro(authTime), time.UnixMicro(expires), time.UnixMicro(polled)
	return d, err
}

// poll records that the device has asked.
func (t *deviceTable) poll(ctx context.Context, d device, interval time.Duration, now time.Time) error {
	_, err := t.pollStmt.ExecContext(ctx, now.UnixMicro(), int64(interval/time.Second), d.signature)
	return err
}

// answer records what the user has decided. An empty scope grants what was asked for.
func (t *deviceTable) answer(ctx context.Context, userCode, state, subject, scope string, now time.Time) error {
	err := changedOne(t.answerStmt.ExecContext(ctx, state, subject, scope, scope, now.UnixMicro(), plainUserCode(userCode), now.UnixMicro()))
	if errors.Is(err, errNoSignIn) {
		return errNoDevice
	}
	return err
}

// use spends the code inside tx; it tells false when it was spent before.
func (t *deviceTable) use(ctx context.Context, tx *sql.Tx, d device) (bool, error) {
	n, err := execute(ctx, tx, t.useStmt, d.signature)
	return n == 1, err
}

// plainUserCode is a user code as it is stored: section 6.1 has case and dashes ignored.
func plainUserCode(code string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, code))
}

// DeviceAuthorization is RFC 8628 section 3.1.
func (p protocol) DeviceAuthorization(ctx context.Context, r *op.ClientRequest[oidc.DeviceAuthorizationRequest]) (*op.Response, error) {
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
	d := device{
		signature: signature(code), userCode: plainUserCode(shown), client: c.id, scopes: []string(r.Data.Scopes), audience: audience,
		expires: p.server.now().Add(deviceLifetime), interval: p.server.settings.DeviceInterval,
	}
	if err := p.server.devices.insert(ctx, d); err != nil {
		return nil, serverError(err)
	}
	at := op.IssuerFromContext(ctx) + settings.DevicePath
	return op.NewResponse(&oidc.DeviceAuthorizationResponse{
		DeviceCode: code, UserCode: shown, VerificationURI: at, VerificationURIComplete: at + "?user_code=" + shown,
		ExpiresIn: int(deviceLifetime / time.Second), Interval: int(d.interval / time.Second),
	}), nil
}

// DeviceToken is RFC 8628 sections 3.4 and 3.5.
func (p protocol) DeviceToken(ctx context.Context, r *op.ClientRequest[oidc.DeviceAccessTokenRequest]) (*op.Response, error) {
	c, now := r.Client.(*client), p.server.now()
	d, err := p.server.devices.find(ctx, r.Data.DeviceCode)
	switch {
	case err != nil && !errors.Is(err, errNoDevice):
		return nil, serverError(err)
	case err != nil || d.client != c.id || d.state == deviceUsed:
		return nil, oidc.ErrInvalidGrant().WithDescription("unknown device code, or used before")
	case !now.Before(d.expires):
		return nil, oidc.ErrExpiredDeviceCode()
	case d.state == deviceRejected:
		return nil, oidc.ErrAccessDenied()
	case d.state == devicePending:
		answer, interval := oidc.ErrAuthorizationPending(), d.interval
		if now.Sub(d.polled) < interval {
			answer, interval = oidc.ErrSlowDown(), interval+slowDown
		}
		if err := p.server.devices.poll(ctx, d, interval, now); err != nil {
			return nil, serverError(err)
		}
		return nil, answer
	}
	request := &deviceRequest{device: d, client: c, scopes: d.scopes}
	request.audience = d.audience
	return p.respond(ctx, request, c)
}

// spendDevice exchanges a device code for the first tokens of its grant.
func (s *Server) spendDevice(ctx context.Context, d device, access token, refresh *token) error {
	done := false
	err := s.database.transact(ctx, func(tx *sql.Tx) (err error) {
		if done, err = s.devices.use(ctx, tx, d); err != nil || !done {
			return err
		}
		return s.tokens.insert(ctx, tx, access, refresh)
	})
	if err != nil || done {
		return err
	}
	return oidc.ErrInvalidGrant().WithDescription("device code was used before")
}
