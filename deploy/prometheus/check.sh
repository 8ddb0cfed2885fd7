#!/usr/bin/env bash
# Checks the scrape configuration and unit-tests the rules with promtool.
set -euo pipefail
cd "$(dirname "$0")"
promtool=$(../debian-tool.sh usr/bin/promtool prometheus)
"$promtool" check config --syntax-only prometheus.yml >/dev/null
"$promtool" check rules rules.yml >/dev/null
"$promtool" test rules rules_test.yml
