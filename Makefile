# What a newcomer types. Each target does all the set-up it needs; `infra/bootstrap.py` skips what is done.
PYTHON ?= python3
BIN := .venv/bin
# Node from a wheel, when the system has none new enough (bootstrap makes it only then).
export PATH := $(CURDIR)/.tools/node/bin:$(PATH)
export npm_config_update_notifier := false
# What was compiled once is read the next time: without that each worker compiles all tests anew, ten seconds of it.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup run test check faults incident format build bench clean
.DEFAULT_GOAL := help

help:  ## show this
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

setup:  ## install everything that is needed into .venv, .tools and web/node_modules
	@$(PYTHON) infra/bootstrap.py python cloud sam web

run: setup  ## run Bluelamp on this machine (ARGS="--no-trickle" …)
	@exec $(BIN)/bluelamp up $(ARGS)

test: setup  ## every test: unit, contract, integration, end to end, and the page's own
	@$(PYTHON) infra/bootstrap.py browser
	@npm --prefix web test
	@$(BIN)/python -m pytest -n 2 --dist worksteal tests/unit tests/contract tests/faults tests/incident $(ARGS)
	@$(BIN)/python -m pytest -n 2 --dist loadscope -p no:randomly tests/integration tests/e2e $(ARGS)

check: setup  ## what a change must pass before it is committed, in about a minute
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@npm --prefix web run --silent check
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal tests/contract tests/unit tests/faults -m "not slow" --hypothesis-profile=check $(ARGS)

faults: setup  ## the log under fire: every kill, flip, deletion and forgery, counted; about a quarter of an hour
	@exec $(BIN)/python -m tests.faults $(ARGS)

incident: setup  ## a critical incident of 5,000 posts over the sandbox platforms with faults on, counted
	@exec $(BIN)/python -m tests.incident $(ARGS)

format: setup  ## let ruff put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

build: setup  ## lay the artefacts for AWS under .build/aws
	@$(BIN)/bluelamp build

bench: setup  ## measure, and print one table with the target beside each figure
	@$(BIN)/python -m benchmarks $(ARGS)

clean:  ## remove the local state (.bluelamp), builds and caches
	@$(PYTHON) infra/bootstrap.py clean
