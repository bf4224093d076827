package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/oauthbench/oauthbench/internal/authserver"
)

// keepLine is what Input says before a restart.
const keepLine = "keep"

// Addresses tell where a serving process listens. As one line of JSON they are how
// a child process tells its parent that it is ready.
type Addresses struct {
	Public string `json:"public"` // URL, also the issuer
	Admin  string `json:"admin"`  // URL
	PID    int    `json:"pid"`
	// Address is the URL where it listens, which is Public unless clients reach it elsewhere.
	Address string `json:"address,omitempty"`
	// Authority is the certificate that clients must trust, as PEM; "" with plain HTTP.
	Authority string `json:"authority,omitempty"`
}

// shutdownPatience is how long requests under way may take to end.
const shutdownPatience = 3 * time.Second

// Serve runs a server on its own listeners until ctx or Input ends, and calls ready
// once, when both listen. It fails when an address is taken or not loopback, when
// the database cannot be opened, and with what ready returns.
func Serve(ctx context.Context, o ServeOptions, ready func(Addresses) error) (err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()

	home, err := openHome(o)
	defer func() { err = errors.Join(err, home.close()) }()
	if err != nil {
		return err
	}
	if o.MigrateOnly {
		return home.migrate(ctx, o.Settings)
	}
	if o.Input != nil {
		go func() {
			defer stop()
			scanner := bufio.NewScanner(o.Input)
			for scanner.Scan() {
				if scanner.Text() == keepLine {
					return
				}
			}
			home.remove.Store(true)
		}()
	}
	public, err := listen(o.Listen, "--listen", o.Issuer != "")
	if err != nil {
		return err
	}
	defer public.Close()
	admin, err := listen(o.Admin, "--admin", o.Issuer != "")
	if err != nil {
		return err
	}
	defer admin.Close()

	scheme := "http://"
	if o.Settings.TLS {
		scheme = "https://"
	}
	addresses := Addresses{Public: scheme + public.Addr().String(), Admin: "http://" + admin.Addr().String(),
		PID: os.Getpid()}
	if o.Issuer != "" {
		addresses.Address, addresses.Public = addresses.Public, o.Issuer
	}
	server, err := authserver.Open(ctx, authserver.OpenOptions{
		Settings: o.Settings, Directory: home.directory, DSN: home.dsn, Schema: home.schema, Issuer: addresses.Public,
	})
	if err != nil {
		return err
	}
	addresses.Authority = server.AuthorityPEM()
	err = serveBoth(ctx, server, public, admin, o.Issuer != "", func() error { return ready(addresses) })
	return errors.Join(err, server.Close())
}

func serveBoth(ctx context.Context, server *authserver.Server, public, admin net.Listener, anyHost bool,
	ready func() error) error {
	servers := []*http.Server{newHTTPServer(server.Handler()), newHTTPServer(local(anyHost, server.AdminHandler()))}
	serve := func(s *http.Server, l net.Listener) error { return s.Serve(l) }
	servePublic := serve
	if server.HasTLS() {
		config, err := server.TLS()
		if err != nil {
			return err
		}
		servers[0].TLSConfig = config
		servePublic = func(s *http.Server, l net.Listener) error { return s.ServeTLS(l, "", "") }
	}
	ended := make(chan error, len(servers))
	go func() { ended <- servePublic(servers[0], public) }()
	go func() { ended <- serve(servers[1], admin) }()
	var errs []error
	running := len(servers)
	if err := ready(); err != nil {
		errs = append(errs, fmt.Errorf("announce addresses: %w", err))
	} else {
		select {
		case <-ctx.Done():
		case err := <-ended:
			running--
			errs = append(errs, err)
		}
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownPatience)
	defer cancel()
	for _, s := range servers {
		if s.Shutdown(patience) != nil {
			errs = append(errs, s.Close()) // impatience is not a fault: requests that hang end here
		}
	}
	for ; running > 0; running-- {
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func newHTTPServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // clients that break off are no news
	}
}

// portTaken is in the message of a child by which its parent knows the reason.
const portTaken = "is in use by another process"

// listen refuses addresses that others than this machine could reach, unless anywhere
// is allowed: its admin interface asks no
// credentials.
func listen(address, flag string, anywhere bool) (net.Listener, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%s %q is not host:port: use 127.0.0.1:4444", flag, address)
	}
	if ip := net.ParseIP(host); !anywhere && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s %q is not a loopback address: use 127.0.0.1 and a port", flag, address)
	}
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s %q "+portTaken+": choose another port, or 127.0.0.1:0 for any free one", flag,
			address)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %q: %s", flag, address, strings.TrimPrefix(err.Error(), "listen "))
	}
	return l, nil
}
