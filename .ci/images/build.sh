#!/bin/bash
# Builds the images that the container tests need from Debian's packages alone:
#
#   postgres:13 postgres:15 postgres:17         (bullseye, bookworm, trixie)
#   oauthbench/glewlwyd:2.5.2 :2.7.5 :2.7.6     (the same)
#
#   .ci/images/build.sh [IMAGE...]              default: all of them
#
# Packages come from the mirror that apt on this machine uses. They are unpacked,
# not installed: no maintainer script runs, so an image takes seconds and not
# minutes. An image is built once: its label org.oauthbench.recipe is a hash of this
# folder, and an image under the same name that carries no such label (the official
# one, say) is left alone.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
label=org.oauthbench.recipe
recipe=$(cat "$here"/* | sha256sum | cut -c1-16)
all=(postgres:15 oauthbench/glewlwyd:2.5.2 oauthbench/glewlwyd:2.7.6 oauthbench/glewlwyd:2.7.5 postgres:13 postgres:17)

# suite IMAGE: the Debian release that carries it.
suite() {
	case $1 in
	postgres:13 | *:2.5.2) echo bullseye ;;
	postgres:15 | *:2.7.5) echo bookworm ;;
	postgres:17 | *:2.7.6) echo trixie ;;
	*)
		echo "build image $1: not one of ${all[*]}" >&2
		exit 2
		;;
	esac
}

# mirror: where this machine's apt gets Debian itself from (not its security updates).
mirror() {
	local found
	found=$(listed)
	if [ -z "$found" ]; then # apt has not looked yet
		apt-get update -qq
		found=$(listed)
	fi
	[ -n "$found" ] || { echo "build images: apt knows no mirror of Debian" >&2; return 1; }
	echo "$found"
}

listed() {
	apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(CODENAME)' 'Created-By: Packages' |
		awk '$2 == "Debian" && $3 !~ /-/ { print $1; exit }'
}

# unpack SUITE FOLDER PACKAGE...: a root file system of the packages and all they depend on.
unpack() {
	local suite=$1 root=$2 include from
	shift 2
	from=$(mirror)
	include=$(IFS=,; echo "$*")
	mmdebstrap --quiet --mode=root --variant=extract --include="$include,dash,coreutils" \
		--aptopt='APT::Install-Recommends "false"' --format=directory "$suite" "$root" "$from"
	# From trixie on these links are made by a maintainer script.
	for d in bin sbin lib lib64; do
		[ -e "$root/$d" ] || ln -s "usr/$d" "$root/$d"
	done
	[ -e "$root/bin/sh" ] || ln -s dash "$root/bin/sh"
	mkdir -p "$root/tmp" "$root/run" "$root/proc" "$root/sys" "$root/dev"
	chmod 1777 "$root/tmp"
	rm -rf "$root"/usr/share/{man,locale,info,perl*} "$root"/usr/lib/*/perl* "$root"/var/cache/apt
}

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

glewlwyd() {
	local image=$1 root=$2 version=${1#*:} found
	unpack "$(suite "$image")" "$root" glewlwyd
	found=$(chroot "$root" /usr/bin/glewlwyd --version)
	if [ "$found" != "$version" ]; then
		echo "build image $image: Debian's $(suite "$image") carries Glewlwyd $found" >&2
		return 1
	fi
	mkdir -p "$root/usr/lib/glewlwyd/user_middleware" # looked for, but not packaged everywhere
	gunzip -c "$root/usr/share/doc/glewlwyd/database/init.postgre.sql.gz" >"$root/usr/share/glewlwyd/init.postgre.sql"
	rm -rf "$root/usr/share/doc"
	printf 'root:x:0:0::/:/bin/sh\nglewlwyd:x:998:998::/:/bin/sh\n' >"$root/etc/passwd"
	printf 'root:x:0:\nglewlwyd:x:998:\n' >"$root/etc/group"
	pack "$root" "$image" "ENV PATH=/usr/bin:/bin" "USER 998:998" "EXPOSE 4593" 'ENTRYPOINT ["glewlwyd"]'
}

# pack FOLDER IMAGE CHANGE...: the folder as an image.
pack() {
	local root=$1 image=$2 changes=() old
	shift 2
	for c in "LABEL $label=$recipe" "$@"; do changes+=(--change "$c"); done
	old=$(docker image inspect --format '{{.Id}}' "$image" 2>/dev/null || true)
	tar --numeric-owner -C "$root" -c . | docker import "${changes[@]}" - "$image" >/dev/null
	# The image of an older recipe has lost its name; in use it stays.
	[ -z "$old" ] || docker rmi "$old" >/dev/null 2>&1 || true
}

# present IMAGE: whether there is nothing to build.
present() {
	local has
	has=$(docker image inspect --format "{{with .Config}}{{index .Labels \"$label\"}}{{end}}" "$1" 2>/dev/null) || return 1
	[ -z "$has" ] || [ "$has" = "$recipe" ]
}

images=("$@")
[ ${#images[@]} -gt 0 ] || images=("${all[@]}")
for image in "${images[@]}"; do
	suite "$image" >/dev/null
	if present "$image"; then
		echo "$image: present"
		continue
	fi
	if ! command -v mmdebstrap >/dev/null; then
		apt-get update -qq
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mmdebstrap >/dev/null
	fi
	started=$SECONDS
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	case $image in
	postgres:*) postgres "$image" "$work/root" ;;
	*) glewlwyd "$image" "$work/root" ;;
	esac
	rm -rf "$work"
	echo "$image: built in $((SECONDS - started)) s"
done
