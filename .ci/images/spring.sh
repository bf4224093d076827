# The application of containers/spring/sample with a version of Spring Authorization Server, on
# OpenJDK 21 of Debian trixie. Sourced by build.sh.

spring() {
	local image=$1 root=$2 version=${1#*:} boot starter configurer of=() sample=$here/../../containers/spring/sample
	case $version in
	1.*)
		boot=3.5.9 starter=spring-boot-starter-oauth2-authorization-server
		configurer=org.springframework.security.oauth2.server.authorization.config.annotation.web.configurers
		of=("-Dspring-authorization-server.version=$version")
		;;
	*)
		boot=4.0.1 starter=spring-boot-starter-security-oauth2-authorization-server
		configurer=org.springframework.security.config.annotation.web.configurers.oauth2.server.authorization
		of=("-Dspring-security.version=$version")
		;;
	esac
	if [ ! -d "$work/java" ]; then java_base "$work/java"; fi
	cp -a "$work/java" "$root"
	command -v mvn >/dev/null && command -v javac >/dev/null || install_packages maven default-jdk-headless
	rm -rf "$work/sample"
	mkdir -p "$work/sample/src/main/java/bench"
	sed "s/BOOT/$boot/; s/STARTER/$starter/" "$sample/pom.xml" >"$work/sample/pom.xml"
	sed "s/CONFIGURER/$configurer.OAuth2AuthorizationServerConfigurer/" "$sample/App.java" >"$work/sample/src/main/java/bench/App.java"
	mvn -B -q -ntp -Dstyle.color=never -f "$work/sample/pom.xml" "${of[@]}" package
	install -D -m 0644 "$work/sample/target/sample.jar" "$root/opt/sample.jar"
	rm -rf "$work/sample"
	printf 'root:x:0:0::/root:/bin/sh\nspring:x:1000:1000::/:/bin/sh\n' >"$root/etc/passwd"
	printf 'root:x:0:\nspring:x:1000:\n' >"$root/etc/group"
	pack "$root" "$image" "ENV PATH=$java_home/bin:/usr/bin:/bin" "ENV JAVA_TOOL_OPTIONS=-XX:MaxRAMPercentage=70" \
		"USER 1000:1000" "EXPOSE 8080" 'ENTRYPOINT ["java", "-jar", "/opt/sample.jar"]'
}
