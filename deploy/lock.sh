#!/usr/bin/env bash
# Resolves pyproject.toml into the locks, with hashes and without any registry's name.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() { .venv/bin/uv pip compile "$@" --python-version 3.11 --generate-hashes --no-emit-index-url --quiet --custom-compile-command "make lock"; }
compile requirements/bootstrap.in -o requirements/bootstrap.lock
compile requirements/lint.in -o requirements/lint.lock
compile pyproject.toml --group pyproject.toml:test -o requirements/dev.lock
# Quix Streams is a peer that `make bench` measures; it pins older libraries, so it lives apart.
compile requirements/bench.in -o requirements/bench.lock
