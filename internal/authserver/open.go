package authserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/oauthbench/oauthbench/internal/authserver/lapses"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/authserver/store"
	"github.com/oauthbench/oauthbench/internal/faults"
)

// OpenOptions are those of one server inside this process.
type OpenOptions struct {
	Settings  settings.Settings // from ParseSettings
	Directory string            // SQLite: an existing directory for the database files
	DSN       string            // PostgreSQL: the data source name
	Schema    string            // PostgreSQL: made when missing, never dropped by Open or Close
	Issuer    string            // "" takes it from the Host header of each request
	Now       func() time.Time  // nil is time.Now; JWTs are stamped with the real time all the same
}

// Open connects to the database, migrates it to the generation of the settings and
// readies the handlers. It refuses a database of a newer generation.
func Open(ctx context.Context, o OpenOptions) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{settings: o.Settings, issuer: o.Issuer, now: o.Now, lapses: lapses.New(o.Settings)}
	if skew := s.lapses.Skew(); skew != 0 {
		s.now = func() time.Time { return o.Now().Add(skew) }
	}
	if err := s.open(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open embedded server %s: %w", o.Settings.Version, err), s.Close())
	}
	return s, nil
}

func (s *Server) open(ctx context.Context, o OpenOptions) (err error) {
	switch o.Settings.Database {
	case settings.SQLite:
		s.database, err = store.OpenSQLite(filepath.Join(o.Directory, "oauth.db"))
	case settings.Postgres:
		s.database, err = store.OpenPostgres(ctx, o.DSN, o.Schema)
	default:
		err = fmt.Errorf("database %q: make settings with Parse", o.Settings.Database)
	}
	if err != nil {
		return err
	}
	s.closers = append(s.closers, s.database.Close)
	was := s.database.Generation(ctx)
	if s.lapses.Upgrades.Migration() == "quoted" && s.settings.Version != settings.V1 {
		if err := s.database.MigrateHalf(ctx, s.now()); err != nil {
			return err
		}
	}
	if err := s.database.Migrate(ctx, s.settings.Version, s.now()); err != nil {
		return err
	}
	if was == settings.V1 && s.settings.Version != settings.V1 {
		if err := s.database.Damage(ctx, s.lapses.Upgrades.Migration()); err != nil {
			return err
		}
	}
	if err := s.database.Purge(ctx, s.settings.Version, s.now()); err != nil {
		return err
	}
	if s.keys, err = loadKeys(ctx, s.database); err != nil {
		return err
	}
	if s.settings.TLS {
		if s.authority, err = loadAuthority(ctx, s.database); err != nil {
			return err
		}
	}
	// The default crypto would also decrypt unauthenticated AES-CFB.
	s.crypto = op.NewAES256GCMCrypto(s.keys.encryption, "1")
	if err := s.openTables(ctx); err != nil {
		return err
	}
	s.admin = s.adminHandler()
	s.public, err = s.publicHandler()
	return err
}

func (s *Server) openTables(ctx context.Context) (err error) {
	s.clients, err = store.OpenClients(ctx, s.database)
	s.closers = append(s.closers, s.clients.Close)
	if err != nil {
		return err
	}
	s.assertions, err = store.OpenAssertions(ctx, s.database)
	s.closers = append(s.closers, s.assertions.Close)
	if err != nil {
		return err
	}
	s.signIns, err = store.OpenSignIns(ctx, s.database)
	s.closers = append(s.closers, s.signIns.Close)
	if err != nil {
		return err
	}
	s.tokens, err = store.OpenTokens(ctx, s.database, s.settings.Version)
	s.closers = append(s.closers, s.tokens.Close)
	if err != nil || s.settings.Version == settings.V1 {
		return err
	}
	s.devices, err = store.OpenDevices(ctx, s.database)
	s.closers = append(s.closers, s.devices.Close)
	return err
}

// publicHandler is op's server behind a router that knows the methods: op takes any.
func (s *Server) publicHandler() (http.Handler, error) {
	issuer := op.IssuerFromHost("")
	if s.issuer != "" {
		issuer = op.StaticIssuer(s.issuer)
	}
	config := &op.Config{CodeMethodS256: true, AuthMethodPost: true, GrantTypeRefreshToken: true}
	provider, err := op.NewProvider(config, storage{s}, issuer, op.WithAllowInsecure(), op.WithCrypto(s.crypto))
	if err != nil {
		return nil, err
	}
	at := desk{provider, s}
	f := front{at}
	// No CORS: nothing here is for scripts of web pages.
	p := protocol{op.NewLegacyServer(provider, endpoints(s.settings.Version)), at}
	engine := op.RegisterLegacyServer(p, op.AuthorizeCallbackHandler(provider), op.WithServerCORSOptions(nil))

	mux := http.NewServeMux()
	plant := func(operation string, next http.Handler) http.Handler {
		return faults.Plant(s.settings.Faults, s.settings.FaultSeed, operation, s.lapses.Wire(operation, next))
	}
	mux.Handle("POST "+settings.TokenPath,
		plant(settings.Token, f.guard(settings.Token, known(s.settings, f.proofs(engine)))))
	mux.Handle("POST "+settings.RevocationPath, plant(settings.Revoke, f.guard(settings.Revoke, engine)))
	mux.Handle("POST "+settings.IntrospectionPath,
		plant(settings.Introspect, f.guard(settings.Introspect, f.introspection(engine))))
	userinfo := plant(settings.Userinfo, http.HandlerFunc(f.userinfo))
	mux.Handle("GET "+settings.UserinfoPath, userinfo)
	mux.Handle("POST "+settings.UserinfoPath, userinfo)
	if s.settings.Version != settings.V1 {
		mux.Handle("POST "+settings.DeviceAuthorizationPath, plant(settings.Device, f.guard(settings.Device, engine)))
		mux.HandleFunc("GET "+settings.DevicePath, func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "nobody agrees here: POST {\"user_code\": \"...\", \"subject\": \"...\"} to "+
				settings.AcceptDevicePath+" of the admin address", http.StatusNotImplemented)
		})
	}
	authorize := plant(settings.Authorize, engine)
	mux.Handle("GET "+settings.AuthorizationPath, authorize)
	mux.Handle("POST "+settings.AuthorizationPath, authorize)
	mux.Handle("GET "+settings.CallbackPath, authorize)
	mux.Handle("GET "+settings.JWKSPath, plant(settings.JWKS, engine))
	discovery := plant(settings.Discovery, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		r.URL.Path = oidc.DiscoveryEndpoint
		engine.ServeHTTP(w, r)
	}))
	mux.Handle("GET "+oidc.DiscoveryEndpoint, discovery)
	mux.Handle("GET "+settings.MetadataPath, discovery)
	mux.Handle("GET "+settings.HealthPath, engine)
	mux.HandleFunc("GET "+settings.LoginPath, func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "nobody logs in here: POST {\"id\": \"...\", \"subject\": \"...\"} to "+settings.AcceptPath+
			" of the admin address", http.StatusNotImplemented)
	})
	return s.dated(mux), nil
}

func (s *Server) adminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+settings.ClientsPath, s.register)
	mux.HandleFunc("POST "+settings.AcceptPath, s.acceptLogin)
	if s.settings.Version != settings.V1 {
		mux.HandleFunc("POST "+settings.AcceptDevicePath, s.answerDevice(store.DeviceAccepted))
		mux.HandleFunc("POST "+settings.RejectDevicePath, s.answerDevice(store.DeviceRejected))
	}
	if s.authority != nil {
		mux.HandleFunc("GET "+settings.AuthorityPath, func(w http.ResponseWriter, r *http.Request) {
			writeJSON(w, http.StatusOK, Certificate{Certificate: s.authority.pem()})
		})
		mux.HandleFunc("POST "+settings.CertificatesPath, s.issueCertificate)
	}
	mux.HandleFunc("DELETE "+settings.ConsentsPath, s.endConsent)
	mux.HandleFunc("POST "+settings.CleanUpPath, s.cleanUp)
	mux.Handle("GET "+settings.MetricsPath, s.metricsHandler())
	mux.HandleFunc("GET "+settings.IntrospectorsPath, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		writeJSON(w, http.StatusOK, Introspector{s.keys.resource})
	})
	return mux
}

// metricsHandler tells of the Go runtime, the process and the pools of database
// connections (sql.DBStats), by the names that Go servers have for them. Nothing is
// counted for it: who never asks pays nothing.
func (s *Server) metricsHandler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewDBStatsCollector(s.database.Write, "write"),
	)
	if s.database.Read != s.database.Write {
		registry.MustRegister(collectors.NewDBStatsCollector(s.database.Read, "read"))
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{DisableCompression: true})
}
