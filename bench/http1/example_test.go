package http1_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/oauthbench/oauthbench/bench/http1"
)

// A request that cannot be sent tells by its kind what went wrong.
func ExampleTransport() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil { // nobody listens there any more
		fmt.Println(err)
		return
	}
	client := &http.Client{Transport: &http1.Transport{Timeout: time.Second}}
	_, err = client.Get("http://" + address + "/token")
	if failed, ok := errors.AsType[*http1.Error](err); ok {
		fmt.Println(failed.Kind == http1.NoConnection)
	}
	// Output: true
}
