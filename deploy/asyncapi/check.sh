#!/usr/bin/env bash
# Validates docs/asyncapi.json with @asyncapi/parser where Node is there; says so where it is not.
set -euo pipefail
cd "$(dirname "$0")"
if ! command -v npm >/dev/null; then
  echo "asyncapi: Node is not installed, the document is not parsed (its staleness is checked)"
  exit 0
fi
stamp="node_modules/.installed-$(sha256sum package-lock.json | cut -c1-16)"
if [ ! -e "$stamp" ]; then
  npm ci --silent --no-audit --no-fund --ignore-scripts
  touch "$stamp"
fi
node validate.mjs ../../docs/asyncapi.json
