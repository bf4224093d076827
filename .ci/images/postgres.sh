# PostgreSQL of a Debian release. Sourced by build.sh.

postgres() {
	local image=$1 root=$2 version=${1#*:} bin
	unpack "$(suite "$image")" "$root" "postgresql-$version"
	# The JIT compiler is two thirds of the size; PostgreSQL does without it when it
	# is not there, and no query of an authorization server is costly enough for it.
	rm -rf "$root"/usr/lib/*/libLLVM* "$root"/usr/lib/llvm* "$root/usr/lib/postgresql/$version/lib"/{bitcode,llvmjit*} "$root/usr/share/doc"
	bin=/usr/lib/postgresql/$version/bin
	echo 'root:x:0:0::/:/bin/sh' >"$root/etc/passwd"
	echo 'postgres:x:999:999::/var/lib/postgresql:/bin/sh' >>"$root/etc/passwd"
	printf 'root:x:0:\npostgres:x:999:\n' >"$root/etc/group"
	install -d -o 999 -g 999 -m 0700 "$root/var/lib/postgresql/data"
	install -d -o 999 -g 999 -m 0775 "$root/var/run/postgresql"
	install -D -m 0755 "$here/postgres-entrypoint.sh" "$root/usr/local/bin/docker-entrypoint.sh"
	pack "$root" "$image" \
		"ENV PATH=$bin:/usr/local/bin:/usr/bin:/bin" "ENV PGDATA=/var/lib/postgresql/data" \
		"ENV LANG=C.UTF-8" "USER 999:999" "EXPOSE 5432" \
		"VOLUME /var/lib/postgresql/data" \
		'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["postgres"]'
}
