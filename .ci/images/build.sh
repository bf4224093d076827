#!/bin/bash
# Builds the images that the container tests need from packages alone:
#
#   postgres:13 postgres:15 postgres:17         (bullseye, bookworm, trixie)
#   oauthbench/glewlwyd:2.5.2 :2.7.5 :2.7.6     (the same)
#   quay.io/keycloak/keycloak:26.4.7 :26.7.3    (Maven Central, on trixie's OpenJDK)
#   oauthbench/spring:1.5.8 :7.0.2              (the same)
#   oauthbench/oidc-provider:8.8.1 :9.13.3      (npm, on trixie's Node)
#
#   .ci/images/build.sh [IMAGE...]              default: all of them
#
# Packages come from the mirror that apt on this machine uses. They are unpacked,
# not installed: no maintainer script runs, so an image takes seconds and not
# minutes. An image is built once: its label org.oauthbench.recipe is a hash of what
# makes it, and an image under the same name that carries no such label (the official
# one, say) is left alone.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
label=org.oauthbench.recipe
all=(
	postgres:15 oauthbench/glewlwyd:2.5.2 oauthbench/glewlwyd:2.7.6 oauthbench/glewlwyd:2.7.5 postgres:13 postgres:17
	quay.io/keycloak/keycloak:26.4.7 quay.io/keycloak/keycloak:26.7.3
	oauthbench/spring:1.5.8 oauthbench/spring:7.0.2 oauthbench/oidc-provider:8.8.1 oauthbench/oidc-provider:9.13.3
)
for family in postgres glewlwyd keycloak spring oidc-provider; do . "$here/$family.sh"; done

# family IMAGE: the function that makes it.
family() {
	local name=${1%:*}
	echo "${name##*/}"
}

# recipe IMAGE: a hash of all that makes it.
recipe() {
	local sources=("$here/build.sh" "$here/$(family "$1")"*)
	[ "$(family "$1")" != spring ] || sources+=("$here/keycloak.sh" "$here"/../../containers/spring/sample/*)
	cat "${sources[@]}" | sha256sum | cut -c1-16
}

install_packages() {
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# suite IMAGE: the Debian release that carries it.
suite() {
	case $1 in
	postgres:13 | *:2.5.2) echo bullseye ;;
	postgres:15 | *:2.7.5) echo bookworm ;;
	postgres:17 | *:2.7.6 | */keycloak:* | */spring:* | */oidc-provider:*) echo trixie ;;
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

# pack FOLDER IMAGE CHANGE...: the folder as an image.
pack() {
	local root=$1 image=$2 changes=() old
	shift 2
	for c in "LABEL $label=$(recipe "$image")" "$@"; do changes+=(--change "$c"); done
	old=$(docker image inspect --format '{{.Id}}' "$image" 2>/dev/null || true)
	tar --numeric-owner -C "$root" -c . | docker import "${changes[@]}" - "$image" >/dev/null
	# The image of an older recipe has lost its name; in use it stays.
	[ -z "$old" ] || docker rmi "$old" >/dev/null 2>&1 || true
}

# present IMAGE: whether there is nothing to build.
present() {
	local has
	has=$(docker image inspect --format "{{with .Config}}{{index .Labels \"$label\"}}{{end}}" "$1" 2>/dev/null) || return 1
	[ -z "$has" ] || [ "$has" = "$(recipe "$1")" ]
}

work=$(mktemp -d)
trap 'umount "$work"/*/proc 2>/dev/null || true; rm -rf --one-file-system "$work"' EXIT

images=("$@")
[ ${#images[@]} -gt 0 ] || images=("${all[@]}")
for image in "${images[@]}"; do
	suite "$image" >/dev/null
	if present "$image"; then
		echo "$image: present"
		continue
	fi
	command -v mmdebstrap >/dev/null || install_packages mmdebstrap
	started=$SECONDS
	"$(family "$image")" "$image" "$work/root"
	rm -rf "$work/root"
	echo "$image: built in $((SECONDS - started)) s"
done
