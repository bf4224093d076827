package upgrade

import (
	"context"
	"errors"
	"io"
	"syscall"
	"time"
)

// Client is what a client proves itself with.
type Client struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

// Grant is what a user's consent gave to a client.
type Grant struct {
	Access  string `json:"access"`
	Refresh string `json:"refresh"`
}

// Side is one server, as its clients and its administrator see it. Its methods fail when
// the server could not be asked, and when it refused; what it says of success is only a
// claim. They may be called concurrently.
type Side interface {
	// Register makes a client with a secret that the server chooses.
	Register(ctx context.Context) (Client, error)
	// Issue makes a grant of a user, who logs in and agrees.
	Issue(ctx context.Context, c Client, subject string) (Grant, error)
	// IssueOwn makes an access token of the client itself.
	IssueOwn(ctx context.Context, c Client) (access string, err error)
	// Active asks introspection about a token.
	Active(ctx context.Context, token string) (bool, error)
	// Refresh exchanges a refresh token.
	Refresh(ctx context.Context, c Client, refresh string) (Grant, error)
	// RevokeToken ends a token, and with a refresh token its grant.
	RevokeToken(ctx context.Context, c Client, token string) error
	// RevokeConsent ends all grants of a user. It fails with errors.ErrUnsupported where
	// a server has no such door.
	RevokeConsent(ctx context.Context, subject string) error
	// DeleteClient ends all grants of a client with the client, likewise.
	DeleteClient(ctx context.Context, c Client) error
	// SetSecret gives a client the secret that it has in c, likewise.
	SetSecret(ctx context.Context, c Client) error
	// Rights are what clients can be given, and have replaced while an upgrade goes on; none where it has no door
	// for it.
	Rights() []Right
	// SetRight gives a client a right beside those that it is registered with, in place of the one that it was given
	// before, likewise.
	SetRight(ctx context.Context, c Client, right string) error
	// MayUse tells whether a client gets a token with a right.
	MayUse(ctx context.Context, c Client, right string) (bool, error)
	// Knows tells whether a client proves itself with its secret.
	Knows(ctx context.Context, c Client) (bool, error)
	// Probes are the further kinds of things that the server keeps.
	Probes() []Probe
}

// Right is something that an administrator changes of clients: what they may ask for, or how they prove themselves.
type Right struct {
	Name string // Name is what is changed, as "audience".
	// Before is what a client is given before the copy, Later what takes its place in the window: none may use both.
	Before, Later string
}

// Probe is one kind of thing, beside tokens, that a server keeps and an upgrade must not
// lose: a client with its secret, a remembered consent, a code that is not redeemed yet.
// What one version's Make gives, the other's Ask understands.
type Probe struct {
	Kind Kind
	// Lost says what it means for users when such a thing is lost, and what to do.
	Lost string
	// Follows says that such a thing is lost with the tokens, and is only told when they are not.
	Follows bool
	// Minor says that losing it costs a moment and nothing that lasts.
	Minor bool
	// Lives is how long such a thing is good at most; 0 is longer than a rehearsal. One that is older is not asked
	// about, for no version would take it.
	Lives time.Duration
	// Make makes one, for a subject that nothing else has.
	Make func(ctx context.Context, subject string) (thing string, err error)
	// Ask tells whether it is still good, and uses it up.
	Ask func(ctx context.Context, thing string) (alive bool, err error)
}

// patient asks once more where there was no answer, as an honest client does: a busy server ends connections, and what
// is asked for twice is done at least once. Where that may not be, an answerLost says so.
type patient struct{ Side }

// patiently makes a side patient; nil stays nil.
func patiently(s Side) Side {
	if _, already := s.(patient); already || s == nil {
		return s
	}
	return patient{s}
}

// again asks once more where there was no answer.
func again[T any](do func() (T, error)) (T, error) {
	got, err := do()
	if noAnswer(err) {
		return do()
	}
	return got, err
}

// noAnswer tells that a connection ended before its answer, so that nobody knows whether the server did what it was
// asked for.
func noAnswer(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

// answerLost says that there was no answer, and that who asked again was refused: the server may have done it the
// first time, which nobody can tell.
type answerLost struct{ err error }

func (a *answerLost) Error() string {
	return "the first answer was lost, and the second is: " + a.err.Error()
}
func (a *answerLost) Unwrap() error { return a.err }

// lostAnswer tells whether an error is an answerLost.
func lostAnswer(err error) bool {
	var lost *answerLost
	return errors.As(err, &lost)
}

func (p patient) Register(ctx context.Context) (Client, error) {
	return again(func() (Client, error) { return p.Side.Register(ctx) })
}

func (p patient) Issue(ctx context.Context, c Client, subject string) (Grant, error) {
	return again(func() (Grant, error) { return p.Side.Issue(ctx, c, subject) })
}

func (p patient) IssueOwn(ctx context.Context, c Client) (string, error) {
	return again(func() (string, error) { return p.Side.IssueOwn(ctx, c) })
}

func (p patient) Active(ctx context.Context, token string) (bool, error) {
	return again(func() (bool, error) { return p.Side.Active(ctx, token) })
}

func (p patient) Knows(ctx context.Context, c Client) (bool, error) {
	return again(func() (bool, error) { return p.Side.Knows(ctx, c) })
}

func (p patient) MayUse(ctx context.Context, c Client, right string) (bool, error) {
	return again(func() (bool, error) { return p.Side.MayUse(ctx, c, right) })
}

// Refresh uses the token again, as a client must: where the first was heard, that is a second use.
func (p patient) Refresh(ctx context.Context, c Client, refresh string) (Grant, error) {
	g, err := p.Side.Refresh(ctx, c, refresh)
	if !noAnswer(err) {
		return g, err
	}
	if g, err = p.Side.Refresh(ctx, c, refresh); err != nil && !noAnswer(err) {
		err = &answerLost{err}
	}
	return g, err
}

func (p patient) RevokeToken(ctx context.Context, c Client, token string) error {
	return p.done(func() error { return p.Side.RevokeToken(ctx, c, token) })
}

func (p patient) RevokeConsent(ctx context.Context, subject string) error {
	return p.done(func() error { return p.Side.RevokeConsent(ctx, subject) })
}

func (p patient) DeleteClient(ctx context.Context, c Client) error {
	return p.done(func() error { return p.Side.DeleteClient(ctx, c) })
}

func (p patient) SetSecret(ctx context.Context, c Client) error {
	return p.done(func() error { return p.Side.SetSecret(ctx, c) })
}

func (p patient) SetRight(ctx context.Context, c Client, right string) error {
	return p.done(func() error { return p.Side.SetRight(ctx, c, right) })
}

func (patient) done(do func() error) error {
	_, err := again(func() (struct{}, error) { return struct{}{}, do() })
	return err
}

// Probes make anew what may have been made, and ask again about what may have been used up.
func (p patient) Probes() (all []Probe) {
	for _, probe := range p.Side.Probes() {
		make, ask := probe.Make, probe.Ask
		probe.Make = func(ctx context.Context, subject string) (string, error) {
			return again(func() (string, error) { return make(ctx, subject) })
		}
		probe.Ask = func(ctx context.Context, thing string) (bool, error) {
			alive, err := ask(ctx, thing)
			if !noAnswer(err) {
				return alive, err
			}
			if alive, err = ask(ctx, thing); err == nil && !alive {
				err = &answerLost{errors.New("it is not good")}
			}
			return alive, err
		}
		all = append(all, probe)
	}
	return all
}

// expired tells whether a thing that was made then is too old to be asked about.
func (p Probe) expired(made, now time.Time) bool {
	return p.Lives > 0 && !made.IsZero() && now.Sub(made) >= p.Lives
}
