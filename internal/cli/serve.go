package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/authserver/process"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// serveCommand runs the embedded authorization server until it is interrupted, or,
// for a process that started it, until its input ends.
func serveCommand() *cobra.Command {
	var o process.ServeOptions
	var set []string
	var withInput bool
	cmd := &cobra.Command{
		Use:   "serve [v1|v2]",
		Short: "Run the embedded authorization server",
		Long: `Run the embedded authorization server, by default v2, on loopback until ^C.
All it stores is removed at the end. Register a client at its admin address first:

  curl -s http://127.0.0.1:4445/admin/clients -H 'Content-Type: application/json' -d '{
    "grant_types": ["client_credentials"], "scope": "read", "token_endpoint_auth_method": "client_secret_basic"}'
  curl -s http://127.0.0.1:4444/oauth2/token -u CLIENT_ID:CLIENT_SECRET -d grant_type=client_credentials

Settings: ` + settings.Forms() + `.
With db=postgres the data source name is in ` + settings.PostgresVariable + `; with tls=on
GET /admin/authority tells whom to trust. Faults are planted as fault.delay=20ms@token.`,
		Example: `  oauthbench serve --listen 127.0.0.1:4444 --admin 127.0.0.1:4445
  oauthbench serve v1 --set tokens=jwt --set bcrypt_cost=10`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("serve takes one version, not %q as well: run one server for each", args[1])
			}
			return nil
		},
		ValidArgs: []string{settings.V1, settings.V2},
		RunE: func(cmd *cobra.Command, args []string) error {
			version := settings.V2
			if len(args) == 1 {
				version = args[0]
			}
			values, err := assignments(set)
			if err != nil {
				return err
			}
			if o.Settings, err = settings.Parse(version, values); err != nil {
				return err
			}
			announce := humanAddresses(cmd.OutOrStdout())
			if withInput {
				o.Input = cmd.InOrStdin()
				announce = jsonAddresses(cmd.OutOrStdout())
			}
			// This process only serves: of its requests, only its own faults are news.
			slog.SetDefault(slog.New(slog.NewTextHandler(cmd.ErrOrStderr(),
				&slog.HandlerOptions{Level: slog.LevelError})))
			if err := process.Serve(cmd.Context(), o, announce); err != nil {
				return &targets.StartError{Err: fmt.Errorf("serve: %w", err)}
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Listen, "listen", "", "public `address` on loopback (default: any free port of 127.0.0.1)")
	flags.StringVar(&o.Admin, "admin", "", "admin `address` on loopback (default: any free port of 127.0.0.1)")
	flags.StringArrayVar(&set, "set", nil, "a setting, as `key=value`; may be repeated")
	flags.BoolVar(&withInput, "exit-with-stdin", false,
		"print the addresses as one line of JSON, and end when standard input does")
	flags.StringVar(&o.Directory, "directory", "", "directory of the data, removed at the end")
	flags.StringVar(&o.Schema, "schema", "", "PostgreSQL schema of the data, dropped at the end")
	flags.StringVar(&o.Issuer, "issuer", "",
		"address of the server for its clients, in a container; then it may listen anywhere")
	flags.BoolVar(&o.MigrateOnly, "migrate-only", false, "bring the data to the version's schema and end")
	for _, internal := range []string{"directory", "schema", "issuer", "migrate-only"} {
		if err := flags.MarkHidden(internal); err != nil {
			panic(err) // the names are those above
		}
	}
	return cmd
}

// assignments reads key=value pairs.
func assignments(pairs []string) (url.Values, error) {
	values := url.Values{}
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("--set %q is not key=value: use --set tokens=jwt", pair)
		}
		values.Add(key, value)
	}
	return values, nil
}

func jsonAddresses(w io.Writer) func(process.Addresses) error {
	return func(a process.Addresses) error { return json.NewEncoder(w).Encode(a) }
}

func humanAddresses(w io.Writer) func(process.Addresses) error {
	return func(a process.Addresses) error {
		_, err := fmt.Fprintf(w, "public  %s\nadmin   %s\nEnd with ^C.\n", a.Public, a.Admin)
		return err
	}
}
