#!/usr/bin/env bash
# Prints the path of a tool out of Debian packages, unpacked under .local/cache: no root needed.
#   deploy/debian-tool.sh PATH-IN-PACKAGE PACKAGE [LIBRARY-PACKAGE…]
# Exits 1, with one line, where neither the tool nor apt is there.
set -euo pipefail
cd "$(dirname "$0")/.."
inside=$1; shift
name=$(basename "$inside")
if command -v "$name" >/dev/null; then command -v "$name"; exit 0; fi
folder=$PWD/.local/cache/debian/$1
if [ ! -e "$folder/.complete" ]; then
  command -v apt-get >/dev/null || { echo "$name is not installed and there is no apt-get" >&2; exit 1; }
  mkdir -p "$folder"; cd "$folder"
  apt-get download -qq "$@" >/dev/null 2>&1 || { apt-get update -qq >/dev/null 2>&1; apt-get download -qq "$@" >/dev/null 2>&1; } \
    || { echo "$1 could not be fetched by apt-get download" >&2; exit 1; }
  for package in ./*.deb; do dpkg -x "$package" .; done
  rm -f ./*.deb; touch .complete
fi
echo "$folder/$inside"
