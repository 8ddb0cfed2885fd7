#!/usr/bin/env bash
# Prints the path of a tool out of Debian packages, unpacked under .local/cache: no root needed.
#   deploy/debian-tool.sh [--with-libraries] PATH-IN-PACKAGE PACKAGE
# With its libraries, all packages that it needs and that are not installed are unpacked beside it,
# and a wrapper lets it find them. Exits 1, with one line, where neither the tool nor apt is there.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=plain
if [ "$1" = --with-libraries ]; then kind=libraries; shift; fi
inside=$1 package=$2
name=$(basename "$inside")
if command -v "$name" >/dev/null; then command -v "$name"; exit 0; fi
folder=$PWD/.local/cache/debian/$package.$kind

fetch() {
  local wanted=$package
  if [ $kind = libraries ]; then
    wanted=$(apt-get install --simulate --no-install-recommends "$package" | sed -n 's/^Inst \([^ ]*\).*/\1/p') || return 1
  fi
  # shellcheck disable=SC2086 - a list of names
  apt-get download -qq $wanted >/dev/null
}

if [ ! -e "$folder" ]; then
  command -v apt-get >/dev/null || { echo "$name is not installed and there is no apt-get" >&2; exit 1; }
  mkdir -p "$(dirname "$folder")"
  fresh=$(mktemp -d "$folder.XXXXXX"); trap 'rm -rf "$fresh"' EXIT
  (
    cd "$fresh"
    fetch 2>/dev/null || { apt-get update -qq >/dev/null 2>&1; fetch 2>/dev/null; } \
      || { echo "$package could not be fetched by apt-get download" >&2; exit 1; }
    for each in ./*.deb; do dpkg -x "$each" .; done
    rm -f ./*.deb
    libraries=$(find . -name '*.so*' -printf "$folder/%P\n" | sed 's|/[^/]*$||' | sort -u | paste -sd:)
    printf '#!/bin/sh\nLD_LIBRARY_PATH="%s" exec "%s" "$@"\n' "$libraries" "$folder/$inside" > "$name"
    chmod +x "$name"
  )
  mv -T "$fresh" "$folder" 2>/dev/null || true  # another process was first: its folder stays
fi
echo "$folder/$name"
