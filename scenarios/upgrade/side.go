package upgrade

import "context"

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
	// Knows tells whether a client proves itself with its secret.
	Knows(ctx context.Context, c Client) (bool, error)
	// Probes are the further kinds of things that the server keeps.
	Probes() []Probe
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
	// Make makes one, for a subject that nothing else has.
	Make func(ctx context.Context, subject string) (thing string, err error)
	// Ask tells whether it is still good, and uses it up.
	Ask func(ctx context.Context, thing string) (alive bool, err error)
}
