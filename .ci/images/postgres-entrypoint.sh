#!/bin/sh
# Entry point of the PostgreSQL test images: the part of the official image's
# contract that oauthbench uses. On an empty data directory it makes a cluster with
# the superuser POSTGRES_USER, its password and the database POSTGRES_DB, reachable
# over TCP with that password only. Then it becomes the command it was given.
set -eu
user=${POSTGRES_USER:-postgres}
db=${POSTGRES_DB:-$user}

if [ "${1:-}" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
	if [ -z "${POSTGRES_PASSWORD:-}" ]; then
		echo "POSTGRES_PASSWORD is not set" >&2
		exit 1
	fi
	umask 077
	pwfile=$(mktemp)
	printf '%s\n' "$POSTGRES_PASSWORD" >"$pwfile"
	initdb --username="$user" --pwfile="$pwfile" --encoding=UTF8 --locale=C.UTF-8 \
		--auth-local=trust --auth-host=scram-sha-256 --pgdata="$PGDATA"
	rm -f "$pwfile"
	echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
	echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
	if [ "$db" != postgres ]; then
		echo "CREATE DATABASE \"$db\"" | postgres --single -j -D "$PGDATA" postgres >/dev/null
	fi
fi
unset POSTGRES_PASSWORD
exec "$@"
