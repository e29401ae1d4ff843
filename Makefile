# Everything here goes through .venv, which deploy/venv.py makes and keeps right. No path is written out in full:
# the folder's name may hold spaces.
PYTHON ?= python3
SHELL := /bin/sh
export PYTHONUTF8 := 1

VENV_PYTHON := .venv/bin/python
T ?=
LOG ?=

.DEFAULT_GOAL := help
.PHONY: help run stop test check fix migration translations bench demo-log venv venv-dev

help: ## this list
	@echo "Heyue. The two commands: make run, make test."
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' Makefile | while IFS=: read -r name text; do printf '  make %-14s%s\n' "$$name" "$$text"; done

run: venv ## everything on this machine, until Ctrl-C: one address and the demo's accounts are printed
	@exec $(VENV_PYTHON) -m deploy.cli run

stop: ## stop what `make run` started in this folder, and wait until all of it has ended
	@test -f var/run.json || { echo "heyue: nothing runs in this folder"; exit 0; }; \
	kill -TERM "$$($(VENV_PYTHON) -c 'import json; print(json.load(open("var/run.json"))["processes"]["supervisor"])')" && \
	exec $(VENV_PYTHON) -c 'import fcntl; fcntl.flock(open("var/run.lock"), fcntl.LOCK_EX)'

test: venv-dev ## the whole suite on its own embedded Postgres; one test: make test T=tests/sla/clocks/test_why.py::test_name
	@exec $(VENV_PYTHON) -m deploy.suite "$(T)"

check: venv-dev ## format, lint, types, import rules, templates, catalogues, vendored files, models against migrations
	@exec $(VENV_PYTHON) -m deploy.checks

fix: venv-dev ## format, and mend what the linter can mend
	@$(VENV_PYTHON) -m ruff check --fix --quiet . ; $(VENV_PYTHON) -m ruff format .

migration: venv-dev ## a new revision with what differs from the models: make migration T="contracts: notice date"
	@test -n "$(T)" || { echo 'usage: make migration T="contracts: notice date"'; exit 2; }
	@exec $(VENV_PYTHON) -m deploy.migrate revision "$(T)"

translations: venv-dev ## read the texts out of code and templates into the catalogues
	@exec $(VENV_PYTHON) -m deploy.translations extract

bench: venv-dev ## the figures of var/bench.json
	@exec $(VENV_PYTHON) -m deploy.bench

demo-log: venv ## a real incident log on the running system: make demo-log LOG=path/to/incident_event_log.zip
	@test -n "$(LOG)" || { echo 'usage: make demo-log LOG=path/to/incident_event_log.zip'; exit 2; }
	@exec $(VENV_PYTHON) -m deploy.cli demo-log "$(LOG)"

venv:
	@$(PYTHON) deploy/venv.py run

venv-dev:
	@$(PYTHON) deploy/venv.py dev
