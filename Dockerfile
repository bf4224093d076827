# The image of a release: the program, the certificates of public authorities and nothing else.
#
#   docker run --rm -v "$PWD:/work" ghcr.io/oauthbench/oauthbench compare
#
# Whoever runs it may write in /work only.
FROM scratch
ARG TARGETPLATFORM
COPY build/image/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY LICENSE NOTICE build/LICENCES /usr/share/doc/oauthbench/
COPY $TARGETPLATFORM/oauthbench /usr/bin/oauthbench
WORKDIR /work
ENV TMPDIR=/work
ENTRYPOINT ["/usr/bin/oauthbench"]
