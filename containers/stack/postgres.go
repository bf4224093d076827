package stack

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const postgresOldest = 13 // oldest major version that was run; pg_stat_statements' columns changed in it

var postgres = Database{
	Name:    "postgres",
	Summary: "PostgreSQL 13 or later, durable, with pg_stat_statements",
	Example: "postgres:15",
	program: postgresProgram,
}

// postgresSettings are those of every stack. The first three are PostgreSQL's own
// defaults and are set all the same: an image may have changed them, and a server
// measured on a database that does not wait for its disk is not the one in production.
var postgresSettings = map[string]string{
	"fsync":                    "on",
	"full_page_writes":         "on",
	"synchronous_commit":       "on",
	"shared_preload_libraries": "pg_stat_statements",
	"pg_stat_statements.track": "top",
	"max_connections":          "200",
}

func postgresProgram(s DatabaseSpec) (databaseProgram, error) {
	major, _, _ := strings.Cut(s.Version, ".")
	major, _, _ = strings.Cut(major, "-")
	if n, err := strconv.Atoi(major); err != nil || n < postgresOldest {
		return databaseProgram{}, fmt.Errorf("%s%q: use %s or later, as in %s=postgres:15", "db=postgres:", s.Version, "postgres:"+strconv.Itoa(postgresOldest), keyDatabase)
	}
	settings := maps.Clone(postgresSettings)
	for name, value := range s.Settings {
		if name == "shared_preload_libraries" && !strings.Contains(value, "pg_stat_statements") {
			return databaseProgram{}, fmt.Errorf("db.%s=%q: name pg_stat_statements too", name, value)
		}
		settings[name] = value
	}
	return databaseProgram{
		image:    "postgres:" + s.Version,
		settings: settings,
		port:     5432,
		shared:   1 << 30,  // a parallel query or vacuum of a large table needs more than the usual 64 MiB
		signal:   "SIGINT", // "fast shutdown": SIGTERM would wait for every client
		serve: func(password string) command {
			args := []string{"postgres"}
			for _, name := range slices.Sorted(maps.Keys(settings)) {
				args = append(args, "-c", name+"="+settings[name])
			}
			return command{args: args, env: map[string]string{
				"POSTGRES_USER": databaseUser, "POSTGRES_PASSWORD": password, "POSTGRES_DB": databaseName,
			}}
		},
		dsn: func(host, password string) *url.URL {
			return &url.URL{
				Scheme: "postgres", User: url.UserPassword(databaseUser, password), Host: host, Path: "/" + databaseName,
				RawQuery: "sslmode=disable",
			}
		},
	}, nil
}
