# oidc-provider of npm on Node of Debian trixie, with a driver for PostgreSQL. The app that runs
# it comes from containers/oidcprovider when it is started. Sourced by build.sh.

oidc-provider() {
	local image=$1 root=$2 version=${1#*:}
	unpack trixie "$root" nodejs
	command -v npm >/dev/null || install_packages npm
	mkdir -p "$root/opt/oidc-provider"
	echo '{"type":"module","private":true}' >"$root/opt/oidc-provider/package.json"
	npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$root/opt/oidc-provider" \
		"oidc-provider@$version" pg@8.16.3
	rm -rf "$root/usr/share/doc"
	echo 'root:x:0:0::/:/bin/sh' >"$root/etc/passwd"
	echo 'node:x:1000:1000::/:/bin/sh' >>"$root/etc/passwd"
	printf 'root:x:0:\nnode:x:1000:\n' >"$root/etc/group"
	pack "$root" "$image" "ENV PATH=/usr/bin:/bin" "USER 1000:1000" "EXPOSE 3000" 'ENTRYPOINT ["node"]'
}
