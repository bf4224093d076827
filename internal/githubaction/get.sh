#!/usr/bin/env bash
# Puts oauthbench into DEST and DEST onto the path of later steps. VERSION is what which.sh said.
# A release comes from RELEASES, the address of the repository's releases, and its checksum must
# be the one in that release's checksums.txt. SOURCE is where the action's own sources are.
set -euo pipefail
mkdir -p "$DEST"
if [[ $VERSION == build ]]; then
  go build -C "$SOURCE" -o "$DEST/" .
else
  case ${RUNNER_OS:-Linux} in
    Linux) system=linux ending=tar.gz ;;
    macOS) system=darwin ending=tar.gz ;;
    Windows) system=windows ending=zip ;;
    *) echo "::error::there is no release for ${RUNNER_OS}: use version build" && exit 2 ;;
  esac
  case ${RUNNER_ARCH:-X64} in
    X64) processor=amd64 ;;
    ARM64) processor=arm64 ;;
    *) echo "::error::there is no release for ${RUNNER_ARCH}: use version build" && exit 2 ;;
  esac
  from=$RELEASES/download/$VERSION
  if [[ $VERSION == latest ]]; then from=$RELEASES/latest/download; fi
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  fetch() { curl --fail --silent --show-error --location --retry 3 --output "$work/$1" "$from/$1"; }
  fetch checksums.txt
  # One line of it is this machine's archive: its sum, two spaces, its name.
  line=$(grep -E "^[0-9a-f]{64}  oauthbench_[0-9A-Za-z.+-]+_${system}_${processor}\.${ending//./\\.}\$" \
    "$work/checksums.txt" | head -n 1) || true
  if [[ -z $line ]]; then
    echo "::error::release $VERSION has no archive for $system/$processor"
    exit 1
  fi
  archive=${line#*  }
  fetch "$archive"
  if command -v sha256sum >/dev/null; then sum=(sha256sum); else sum=(shasum -a 256); fi
  if ! (cd "$work" && "${sum[@]}" --check --status - <<<"$line"); then
    echo "::error::$archive does not have the checksum that its release names: nothing was installed"
    exit 1
  fi
  # Only the program leaves the archive, whatever else is in it.
  if [[ $ending == zip ]]; then
    unzip -q -o "$work/$archive" oauthbench.exe -d "$DEST"
  else
    tar -xzf "$work/$archive" -C "$DEST" oauthbench
  fi
fi
echo "$DEST" >>"$GITHUB_PATH"
PATH=$DEST:$PATH oauthbench --version
