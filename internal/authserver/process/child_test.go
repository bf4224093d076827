package process

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

// childVariable makes the test binary a serving process, or a broken one.
const childVariable = "OAUTHBENCH_TEST_CHILD"

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	if kind := os.Getenv(childVariable); kind != "" {
		os.Exit(childMain(kind, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// childMain understands what ServeOptions.Arguments writes.
func childMain(kind string, args []string) int {
	switch kind {
	case "mute": // never ready, but dies with its parent
		io.Copy(io.Discard, os.Stdin)
		return 0
	case "stubborn": // ready, but deaf to the end of its input
		l, err := listen("", "--listen", false)
		if err != nil {
			return 1
		}
		json.NewEncoder(os.Stdout).Encode(Addresses{Public: "http://" + l.Addr().String(), PID: os.Getpid()})
		http.Serve(l, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		return 1
	case "broken":
		for i := range 30 {
			fmt.Fprintf(os.Stderr, "line %d\n", i)
		}
		return 3
	}
	o := ServeOptions{}
	values := url.Values{}
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.StringVar(&o.Listen, "listen", "", "")
	flags.StringVar(&o.Admin, "admin", "", "")
	flags.StringVar(&o.Directory, "directory", "", "")
	flags.StringVar(&o.Schema, "schema", "", "")
	flags.StringVar(&o.Issuer, "issuer", "", "")
	flags.Func("set", "", func(pair string) error {
		key, value, _ := strings.Cut(pair, "=")
		values.Add(key, value)
		return nil
	})
	withInput := flags.Bool("exit-with-stdin", false, "")
	err := flags.Parse(args)
	if err == nil {
		o.Settings, err = settings.Parse(flags.Arg(0), values)
	}
	if *withInput {
		o.Input = os.Stdin
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		err = Serve(ctx, o, func(a Addresses) error { return json.NewEncoder(os.Stdout).Encode(a) })
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
