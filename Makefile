# The two commands: `make demo` runs a city day on real MongoDB and Kafka; `make test` tests all.
# Everything below sets itself up first; see CONTRIBUTING.md for what each target is for.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
CLI := $(PY) -m tools.cli
LINT := .venv-lint/bin

PICKUPS ?= 500
SEED ?= 1
KILL ?= 0
CASES ?= 20000
SERVICE ?=
SITES ?=
STATE ?= .local
DEMO_STATE ?= .local/demo

.PHONY: help setup setup-lint check test fuzz demo up down status logs bench docs lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup: ## Python environment, Java, Maven and Kafka, once
	@deploy/setup.sh

setup-lint:
	@deploy/setup.sh lint

demo: setup ## run a city day and print the conservation report (PICKUPS, SEED, SITES, KILL)
	@$(CLI) demo --pickups "$(PICKUPS)" --seed "$(SEED)" --kill "$(KILL)" --state-dir $(DEMO_STATE) $(if $(SITES),--sites "$(SITES)")

up: setup ## start the stack and all services in the background
	@$(CLI) up --state-dir $(STATE)

down: ## stop what `make up` started
	@$(CLI) down --state-dir $(STATE)

status: ## what runs, on which port, how large
	@$(CLI) status --state-dir $(STATE)

logs: ## the newest lines of all logs (NAME=… for one)
	@$(CLI) logs $(NAME) --state-dir $(STATE)

check: setup-lint ## format, lint, types, layers, dated tables, generated files, compatibility
	@$(LINT)/ruff format --check .
	@$(LINT)/ruff check .
	@$(LINT)/mypy --python-executable $(PY)
	@$(LINT)/lint-imports --no-cache >/dev/null || $(LINT)/lint-imports --no-cache
	@$(LINT)/check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml
	@$(CLI) codes check
	@$(PY) -m tools.generate --check
	@$(PY) -m tools.generate.gate
	@deploy/asyncapi/check.sh
	@deploy/prometheus/check.sh

test: setup ## the whole suite, on real MongoDB and Kafka
	@$(PY) -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

fuzz: setup ## at least 20,000 hostile requests over all services (CASES, SEED, SERVICE)
	@FUZZ_CASES=$(CASES) FUZZ_SEED=$(SEED) $(PY) -m tests.fuzz $(SERVICE)

bench: setup ## timed figures, as ratios to a baseline of the same run (PART=… for one)
	@deploy/setup.sh bench
	@$(PY) -m tests.bench $(PART)

docs: setup ## regenerate schemas, AsyncAPI, OpenAPI and dashboards
	@$(PY) -m tools.generate

lock: setup ## resolve the locks again (names no registry)
	@deploy/lock.sh

clean: ## stop the stack and delete what was made (environments stay)
	@if [ -x $(PY) ]; then $(CLI) down --state-dir $(STATE); $(CLI) down --state-dir $(DEMO_STATE); fi
	@rm -rf .local .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
