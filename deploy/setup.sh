#!/usr/bin/env bash
# Sets up everything that the project needs, once: Python environments from the locks, Java and
# Maven, the Kafka jars. A second run finds its stamps and downloads nothing.
#   deploy/setup.sh          what running and testing need
#   deploy/setup.sh lint     the linters' own environment as well (faust pins an older click)
#   deploy/setup.sh bench    that of Quix Streams as well, a peer that `make bench` measures
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }
stop() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# Installs Debian packages as root; others get the one line to run.
packages() {
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing $* (Debian packages)"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 || {
      apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
    } || stop "could not install $*: see the message of apt-get above"
  else
    stop "missing: run   sudo apt-get install $*   and try again"
  fi
}

python_candidate() {
  for name in python3.11 python3; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      command -v "$name"; return 0
    fi
  done
  return 1
}

java_is_recent() {
  command -v java >/dev/null && [ "$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)" -ge 17 ] 2>/dev/null
}

# environment FOLDER LOCK: a virtual environment that holds just what the lock names.
environment() {
  local folder=$1 lock=$2 stamp
  stamp="$folder/.installed-$(cat requirements/bootstrap.lock "$lock" | sha256sum | cut -c1-16)"
  [ -e "$stamp" ] && return 0
  say "installing $lock into $folder"
  [ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
  "$folder/bin/uv" pip sync --quiet --require-hashes "$lock" requirements/bootstrap.lock --python "$folder/bin/python"
  rm -f "$folder"/.installed-*
  touch "$stamp"
}

python=$(python_candidate) || { packages python3.11 python3.11-venv; python=$(python_candidate) || stop "Python 3.11 with venv is needed"; }
if [ "${1:-}" = lint ]; then
  environment .venv-lint requirements/lint.lock
fi
if [ "${1:-}" = bench ]; then
  environment .venv-bench requirements/bench.lock
fi
environment .venv requirements/dev.lock
java_is_recent || packages openjdk-17-jre-headless
command -v mvn >/dev/null || packages maven
.venv/bin/python -m deploy.local fetch
