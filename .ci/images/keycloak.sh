# Keycloak of Maven Central on OpenJDK 21 of Debian trixie, laid out as the official image:
# the same entry point, user and variables, so that the same command runs both. Sourced by build.sh.

keycloak() {
	local image=$1 root=$2 version=${1#*:}
	if [ ! -d "$work/java" ]; then java_base "$work/java"; fi # both versions stand on it
	cp -a "$work/java" "$root"
	command -v mvn >/dev/null || install_packages maven
	mvn -B -q -ntp -Dstyle.color=never dependency:copy "-Dartifact=org.keycloak:keycloak-quarkus-dist:$version:tar.gz" "-DoutputDirectory=$work"
	mkdir -p "$root/opt/keycloak"
	tar -C "$root/opt/keycloak" --strip-components=1 -xzf "$work/keycloak-quarkus-dist-$version.tar.gz"
	rm "$work/keycloak-quarkus-dist-$version.tar.gz"
	in_root "$root" env KC_RUN_IN_CONTAINER=true "JAVA_HOME=$java_home" /opt/keycloak/bin/kc.sh build \
		--db=postgres --health-enabled=true --metrics-enabled=true >/dev/null
	printf 'root:x:0:0::/root:/bin/sh\nkeycloak:x:1000:0::/opt/keycloak:/bin/sh\n' >"$root/etc/passwd"
	printf 'root:x:0:\n' >"$root/etc/group"
	chown -R 1000:0 "$root/opt/keycloak"
	chmod -R g+rwX "$root/opt/keycloak"
	pack "$root" "$image" "ENV PATH=$java_home/bin:/usr/bin:/bin" "ENV JAVA_HOME=$java_home" "ENV LANG=C.UTF-8" \
		"ENV KC_RUN_IN_CONTAINER=true" "USER 1000" "EXPOSE 8080 8443 9000" 'ENTRYPOINT ["/opt/keycloak/bin/kc.sh"]'
}

java_home=/usr/lib/jvm/java-21-openjdk-$(dpkg --print-architecture)

# java_base FOLDER: OpenJDK with what its maintainer scripts would make: a trust store and
# an archive of classes.
java_base() {
	local root=$1 pem n=0
	unpack trixie "$root" openjdk-21-jre-headless ca-certificates grep sed findutils
	mkdir -p "$root/etc/ssl/certs/java"
	for pem in "$root"/usr/share/ca-certificates/mozilla/*.crt; do
		n=$((n + 1)) # some names are not ASCII, which this Java does not open
		ln "$pem" "$root/etc/ssl/certs/$n.pem"
	done
	(cd "$root" && printf '+/%s\n' etc/ssl/certs/*.pem) |
		in_root "$root" "$java_home/bin/java" -jar /usr/share/ca-certificates-java/ca-certificates-java.jar >/dev/null
	[ -s "$root/etc/ssl/certs/java/cacerts" ] || { echo "build images: no trust store was made" >&2; return 1; }
	in_root "$root" "$java_home/bin/java" -Xshare:dump >/dev/null
	rm -rf "$root/usr/share/doc"
}

# in_root FOLDER COMMAND...: runs it in the folder, where java wants /proc.
in_root() {
	local root=$1 code=0
	shift
	mount -t proc proc "$root/proc"
	chroot "$root" "$@" || code=$?
	umount "$root/proc"
	return $code
}
