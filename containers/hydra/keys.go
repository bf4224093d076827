package hydra

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/oauthbench/oauthbench/containers/stack"
)

// makeKeys asks for the server's keys, which are made when somebody asks for them first. That takes seconds,
// and on a busy machine longer than the server lets an answer take: then it is asked again.
func makeKeys(ctx context.Context, a *stack.Access) error {
	const most, pause = 10, time.Second
	for try := 1; ; try++ {
		err := a.Call(ctx, http.MethodGet, a.Issuer+"/.well-known/jwks.json", "", nil, nil)
		if !errors.Is(err, io.EOF) || try == most {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(pause):
		}
	}
}
