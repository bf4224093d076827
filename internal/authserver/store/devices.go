package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"
)

// States of a device.
const (
	DevicePending  = "pending"
	DeviceAccepted = "accepted"
	DeviceRejected = "rejected"
	DeviceUsed     = "used"
)

// Device is one Device authorization request.
type Device struct {
	Signature, UserCode, Client string
	Scopes, Audience            []string
	State, Subject              string
	AuthTime, Expires, Polled   time.Time
	Interval                    time.Duration
}

// ErrNoDevice says that no device waits for a user under that code.
var ErrNoDevice = errors.New("no such device, or it has expired or was answered before")

// Devices may be used by any number of goroutines.
type Devices struct {
	statements
	insertStmt, findStmt, pollStmt, answerStmt, useStmt *sql.Stmt
}

func OpenDevices(ctx context.Context, d *Database) (*Devices, error) {
	t := &Devices{statements: statements{d: d}}
	t.insertStmt = t.write(ctx,
		`INSERT INTO devices (signature, user_code, client_id, scope, audience, state, subject, auth_time, expires_at,
			poll_interval, polled_at)
		VALUES (?, ?, ?, ?, ?, 'pending', '', 0, ?, ?, 0)`)
	t.findStmt = t.read(ctx, `SELECT client_id, scope, audience, state, subject, auth_time, expires_at, `+
		`poll_interval, polled_at FROM devices WHERE signature = ?`)
	t.pollStmt = t.write(ctx, `UPDATE devices SET polled_at = ?, poll_interval = ? WHERE signature = ?`)
	t.answerStmt = t.write(ctx,
		`UPDATE devices SET state = ?, subject = ?, scope = CASE WHEN ? = '' THEN scope ELSE ? END, auth_time = ?
		WHERE user_code = ? AND state = 'pending' AND expires_at > ?`)
	t.useStmt = t.write(ctx, `UPDATE devices SET state = 'used' WHERE signature = ? AND state = 'accepted'`)
	return t, t.err
}

func (t *Devices) Insert(ctx context.Context, d Device) error {
	_, err := t.insertStmt.ExecContext(ctx, d.Signature, d.UserCode, d.Client, spaced(d.Scopes), spaced(d.Audience),
		d.Expires.UnixMicro(), int64(d.Interval/time.Second))
	return err
}

// Find gives the device with the code, or ErrNoDevice.
func (t *Devices) Find(ctx context.Context, code string) (Device, error) {
	d := Device{Signature: Signature(code)}
	var scope, audience string
	var authTime, expires, interval, polled int64
	err := t.findStmt.QueryRowContext(ctx, d.Signature).Scan(&d.Client, &scope, &audience, &d.State, &d.Subject,
		&authTime, &expires, &interval, &polled)
	if errors.Is(err, sql.ErrNoRows) {
		return Device{}, ErrNoDevice
	}
	d.Scopes, d.Audience, d.Interval = fields(scope), fields(audience), time.Duration(interval)*time.Second
	d.AuthTime, d.Expires, d.Polled = time.UnixMicro(authTime), time.UnixMicro(expires), time.UnixMicro(polled)
	return d, err
}

// Poll records that the device has asked.
func (t *Devices) Poll(ctx context.Context, d Device, interval time.Duration, now time.Time) error {
	_, err := t.pollStmt.ExecContext(ctx, now.UnixMicro(), int64(interval/time.Second), d.Signature)
	return err
}

// Answer records what the user has decided. An empty scope grants what was asked for.
func (t *Devices) Answer(ctx context.Context, userCode, state, subject, scope string, now time.Time) error {
	err := changedOne(t.answerStmt.ExecContext(ctx, state, subject, scope, scope, now.UnixMicro(),
		PlainUserCode(userCode), now.UnixMicro()))
	if errors.Is(err, ErrNoSignIn) {
		return ErrNoDevice
	}
	return err
}

// Use spends the code inside tx; it tells false when it was spent before.
func (t *Devices) Use(ctx context.Context, tx *sql.Tx, d Device) (bool, error) {
	n, err := execute(ctx, tx, t.useStmt, d.Signature)
	return n == 1, err
}

// PlainUserCode is a user code as it is stored: section 6.1 has case and dashes ignored.
func PlainUserCode(code string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, code))
}
