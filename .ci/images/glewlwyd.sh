# Glewlwyd of a Debian release. Sourced by build.sh.

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
