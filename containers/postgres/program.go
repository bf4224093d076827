// Package postgres runs PostgreSQL under an authorization server: durable, and with
// pg_stat_statements, from which it tells what the server asked of it.
package postgres

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/oauthbench/oauthbench/containers/stack"
)

const oldest = 13 // oldest major version that was run; pg_stat_statements' columns changed in it

// Database is PostgreSQL.
var Database = stack.Database{
	Name:    "postgres",
	Summary: "PostgreSQL 13 or later, durable, with pg_stat_statements",
	Example: "postgres:15",
	Tested:  []string{"postgres:13", "postgres:15", "postgres:17"},
	Program: program,
}

// always are those of every stack. The first three are PostgreSQL's own
// defaults and are set all the same: an image may have changed them, and a server
// measured on a database that does not wait for its disk is not the one in production.
var always = map[string]string{
	"fsync":                    "on",
	"full_page_writes":         "on",
	"synchronous_commit":       "on",
	"shared_preload_libraries": "pg_stat_statements",
	"pg_stat_statements.track": "top",
	"max_connections":          "200",
}

func program(s stack.DatabaseSpec) (stack.DatabaseProgram, error) {
	major, _, _ := strings.Cut(s.Version, ".")
	major, _, _ = strings.Cut(major, "-")
	if n, err := strconv.Atoi(major); err != nil || n < oldest {
		return stack.DatabaseProgram{},
			fmt.Errorf("db=postgres:%q: use postgres:%d or later, as in db=postgres:15", s.Version, oldest)
	}
	settings := maps.Clone(always)
	for name, value := range s.Settings {
		if name == "shared_preload_libraries" && !strings.Contains(value, "pg_stat_statements") {
			return stack.DatabaseProgram{}, fmt.Errorf("db.%s=%q: name pg_stat_statements too", name, value)
		}
		settings[name] = value
	}
	return stack.DatabaseProgram{
		Image:    "postgres:" + s.Version,
		Settings: settings,
		Port:     5432,
		Shared:   1 << 30,  // a parallel query or vacuum of a large table needs more than the usual 64 MiB
		Signal:   "SIGINT", // "fast shutdown": SIGTERM would wait for every client
		Serve: func(a stack.Account) stack.Command {
			args := []string{"postgres"}
			for _, name := range slices.Sorted(maps.Keys(settings)) {
				args = append(args, "-c", name+"="+settings[name])
			}
			return stack.Command{Args: args, Env: map[string]string{
				"POSTGRES_USER": a.User, "POSTGRES_PASSWORD": a.Password, "POSTGRES_DB": a.Database,
			}}
		},
		DSN: func(host string, a stack.Account) *url.URL {
			return &url.URL{
				Scheme: "postgres", User: url.UserPassword(a.User, a.Password), Host: host, Path: "/" + a.Database,
				RawQuery: "sslmode=disable",
			}
		},
		Copy:  copyScript,
		Base:  &baseCopy,
		Ready: ping,
		Open:  open,
	}, nil
}
