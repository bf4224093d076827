#!/usr/bin/env bash
# Says on $GITHUB_OUTPUT which oauthbench is wanted: "version" is a release such as v1.4.0, or
# "latest", or "build". VERSION is what was asked for; without it, ACTION_REF decides, which is
# what follows the @ where the action is used.
set -euo pipefail
version=${VERSION:-}
if [[ -z $version ]]; then
  case ${ACTION_REF:-} in
    v[0-9]*.[0-9]*.[0-9]*) version=$ACTION_REF ;;
    v[0-9]*) version=latest ;;
    *) version=build ;;
  esac
fi
if [[ ! $version =~ ^(build|latest|v?[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.-]+)?)$ ]]; then
  echo "::error::version is no release such as v1.4.0, nor latest, nor build"
  exit 2
fi
if [[ $version == [0-9]* ]]; then version=v$version; fi
echo "version=$version" >>"$GITHUB_OUTPUT"
