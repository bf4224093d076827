package upgrade

import "context"

// Grant is what a user's consent gave to a client.
type Grant struct {
	Access, Refresh string
}

// Side is one server, as its clients and the administrator of its consents see it. Its
// methods fail when the server could not be asked, and when it refused; what it says of
// success is only a claim.
type Side interface {
	// Issue makes a grant of a user.
	Issue(ctx context.Context, subject string) (Grant, error)
	// Active asks introspection about a token.
	Active(ctx context.Context, token string) (bool, error)
	// Refresh exchanges a refresh token.
	Refresh(ctx context.Context, refresh string) (Grant, error)
	// RevokeToken ends a token, and with a refresh token its grant.
	RevokeToken(ctx context.Context, token string) error
	// RevokeConsent ends all grants of a user. It fails with errors.ErrUnsupported where
	// a server has no such door.
	RevokeConsent(ctx context.Context, subject string) error
}

// Upgrade does the steps between two sides.
type Upgrade interface {
	// Copy copies blue's database while it serves. What blue is told after Copy has begun
	// may be missing in the copy.
	Copy(ctx context.Context) error
	// Migrate brings the copy to green's schema.
	Migrate(ctx context.Context) error
	// Start starts green on the copy.
	Start(ctx context.Context) (Side, error)
	// CleanUp runs the job that removes what is no longer needed from green's database.
	// It fails with errors.ErrUnsupported where there is none.
	CleanUp(ctx context.Context) error
}
