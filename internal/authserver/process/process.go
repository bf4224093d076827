package process

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Options are those of a server in its own process.
type Options struct {
	Settings settings.Settings
	// Command runs Serve: a program and its leading arguments, such as the path of
	// oauthbench and "serve". Start appends the flags of ServeOptions, the version last.
	Command []string
	// Env are the environment of the child; nil is what it needs of this process's own,
	// which is no secret but the data source name of its database.
	Env []string
	// Listen and Admin are as in ServeOptions.
	Listen, Admin string
	// From is a database file of another server of this kind to begin with, as Copy makes
	// it; "" begins with nothing. It is migrated to the generation of the settings, and
	// moved: it is gone when Start has succeeded. SQLite only.
	From string
	// Beside is a server whose data and issuer this one shares, as a further instance of it;
	// nil for one of its own. It must be closed after this one.
	Beside *Process
	// ReadyTimeout bounds each start; 0 is 30 s.
	ReadyTimeout time.Duration
}

// closePatience is how long a child may take to end before it is killed. It exceeds
// shutdownPatience.
const closePatience = 5 * time.Second

// Process is a server in a child process. Its methods may be called concurrently,
// but Restart and Upgrade interrupt what the server is doing.
type Process struct {
	mu      sync.Mutex
	options Options
	home    *home
	child   *child // nil when none is running
	at      Addresses
	client  *http.Client // for the admin interface and the pages of users; follows nothing
	closed  bool
}

// Start runs a server as a child process and waits until it is ready. It first
// removes the temporary directories of processes that were killed. On an error
// nothing is left behind: no process, no port, no file.
func Start(ctx context.Context, o Options) (*Process, error) {
	if len(o.Command) == 0 {
		return nil, errors.New("start embedded server: no command")
	}
	if o.ReadyTimeout == 0 {
		o.ReadyTimeout = 30 * time.Second
	}
	p := &Process{options: o}
	var err error
	if o.Beside != nil {
		first := o.Beside.home
		p.home = &home{directory: first.directory, dsn: first.dsn, schema: first.schema} // It is removed by the first.
	} else {
		p.home, err = openHome(ServeOptions{Settings: o.Settings})
	}
	if err == nil && o.From != "" {
		err = os.Rename(o.From, filepath.Join(p.home.directory, databaseFile))
	}
	if err == nil {
		err = p.launch(ctx, o.Settings, o.Listen, o.Admin)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start embedded server %s: %w", o.Settings.Version, err), p.Close())
	}
	return p, nil
}

func (p *Process) launch(ctx context.Context, told settings.Settings, listen, admin string) error {
	serve := ServeOptions{Settings: told, Listen: listen, Admin: admin, Directory: p.home.directory,
		Schema: p.home.schema}
	if p.options.Beside != nil {
		serve.Issuer = p.options.Beside.Endpoints().Issuer
	}
	arguments := serve.Arguments()
	env := p.options.Env
	if env == nil {
		env = environment(told)
	}
	c, at, err := launch(ctx, append(append([]string{}, p.options.Command...), arguments...), env,
		p.options.ReadyTimeout)
	if err != nil {
		return err
	}
	config, err := at.tls()
	if err != nil {
		c.kill()
		return err
	}
	p.child, p.at, p.options.Settings = c, at, told
	p.client = newAdminClient(config)
	return nil
}

// Arguments are the flags from which a command line makes o again, without Input.
func (o ServeOptions) Arguments() []string {
	args := []string{"--exit-with-stdin"}
	for _, flag := range [][2]string{{"--listen", o.Listen}, {"--admin", o.Admin}, {"--directory", o.Directory},
		{"--schema", o.Schema}, {"--issuer", o.Issuer}} {
		if flag[1] != "" {
			args = append(args, flag[0], flag[1])
		}
	}
	for _, pair := range o.Settings.Assignments() {
		args = append(args, "--set", pair)
	}
	return append(args, o.Settings.Version)
}

// Endpoints are those of the server as last started. Only a Restart that finds its
// port taken changes them.
func (p *Process) Endpoints() oauth.Endpoints {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := settings.Endpoints(p.at.base(), p.options.Settings.Version)
	e.Issuer = p.at.Public
	return e
}

// AdminURL is the base of the admin interface.
func (p *Process) AdminURL() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at.Admin
}

// PID is the process id of the server, to measure it; 0 when none is running.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.child == nil {
		return 0
	}
	return p.child.cmd.Process.Pid
}

// Settings are those of the server as last started.
func (p *Process) Settings() settings.Settings {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.options.Settings
}

// Death tells how the server's process ended by itself, with the last line that it said;
// "" while it runs, and when it was stopped.
func (p *Process) Death(ctx context.Context) string {
	p.mu.Lock()
	c, admin, client, closed := p.child, p.at.Admin, p.client, p.closed
	p.mu.Unlock()
	if closed || c == nil || !c.gone() && !c.ending(ctx, client, admin) {
		return ""
	}
	return c.lastWords()
}

// Restart stops the server and starts it anew on the same data and addresses. When
// another process has taken a port meanwhile it starts on a new one: see Endpoints.
// After an error no server is running, and Restart may be tried again.
func (p *Process) Restart(ctx context.Context) error {
	return p.Upgrade(ctx, p.Settings())
}

// Upgrade is Restart with other settings, such as the next version. The data
// migrate; an older version refuses what a newer one has migrated.
func (p *Process) Upgrade(ctx context.Context, to settings.Settings) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errors.New("restart embedded server: it is closed")
	}
	if to.Database != p.options.Settings.Database {
		return fmt.Errorf("restart embedded server: db=%q cannot become %q: start another server",
			p.options.Settings.Database, to.Database)
	}
	if p.child != nil && p.child.gone() {
		p.child = nil // It died: its data are where it left them.
	}
	if err := p.stop(true); err != nil {
		return fmt.Errorf("restart embedded server: %w", err)
	}
	err := p.launch(ctx, to, hostPort(p.at.base()), hostPort(p.at.Admin))
	if errors.Is(err, errPortTaken) {
		err = p.launch(ctx, to, "", "")
	}
	if err != nil {
		return fmt.Errorf("restart embedded server %s: %w", to.Version, err)
	}
	return nil
}

// Log are the last lines that the server has logged, of nothing but its own faults, such
// as a disk that is full; "" for none.
func (p *Process) Log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.child == nil {
		return ""
	}
	return p.child.log.String()
}

// stop ends the child, if there is one. A child that had to be killed is an error
// only when its data are to live on.
func (p *Process) stop(keep bool) error {
	c := p.child
	p.child = nil
	if c == nil {
		return nil
	}
	p.client.CloseIdleConnections() // none outlives its server
	if c.gone() {
		return nil // as Death has told; its data are where they were
	}
	return c.stop(keep, closePatience)
}

// Close ends the server and removes all that it kept. It asks first and kills after
// 5 s. Calling it again does nothing.
func (p *Process) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	return errors.Join(p.stop(p.options.Beside != nil), p.home.close())
}

func hostPort(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Host
}

// databaseFile is the name of the database in a server's directory.
const databaseFile = "oauth.db"
