# Every verb of the project. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

UV_VERSION := 0.13.8
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help run cluster cluster-restart cluster-status test cover lint bench chaos load fmt screenshots kodi clean

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F ':.*?## ' '{printf "  make %-16s %s\n", $$1, $$2}'

run: .venv/.runtime ## start the whole hub at http://127.0.0.1:8080
	@exec $(BIN)/python -m services

cluster: .venv/.runtime ## run nginx, two of each service, Redis and PostgreSQL on this machine
	@exec $(BIN)/python -m deploy.cluster run

cluster-restart: ## restart the running cluster, one replica at a time
	@$(BIN)/python -m deploy.cluster restart

cluster-status: ## show what runs in the cluster
	@$(BIN)/python -m deploy.cluster status

# The tests start hundreds of processes, and each would compile every module anew where bytecode isn't kept.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder

test: lint tests/node/node_modules/.installed | system-packages ## lint, then every test, with real servers, clients and a browser
	@$(PYTEST)

cover: .venv/.dev tests/node/node_modules/.installed | system-packages ## every test again, traced: what no test reaches, and that it is little
	@$(PYTEST) --cov --cov-report=term-missing --cov-fail-under=85

lint: .venv/.dev ## style, types and import directions
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fmt: .venv/.dev ## put the code into shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: .venv/.dev | system-packages ## measure the figures of docs/performance.md
	@$(BIN)/python -m benchmarks

chaos: .venv/.dev | system-packages ## kill, hang, restart and flood a real cluster, and count who failed
	@$(BIN)/python -m benchmarks.chaos

load: .venv/.dev ## simulated users at URL=http://… [USERS=50] [DURATION=60]; the report is build/load/report.html
	@$(BIN)/python -m benchmarks.simulated $(URL) --users $(or $(USERS),50) --duration $(or $(DURATION),60)

screenshots: .venv/.dev | system-packages ## take a picture of every page into docs/images
	@$(BIN)/python -m tests.journeys.screenshots

kodi: .venv/.dev | system-packages ## a real Kodi (500 MB, installed by hand) on the hub's playlist and guide
	@$(BIN)/python -m tests.journeys.kodi

clean: ## remove what the other verbs installed or built
	@rm -rf .venv build tests/node/node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage

.venv/bin/uv:
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.runtime: .venv/bin/uv pyproject.toml uv.lock
	@$(BIN)/uv sync --quiet --frozen --no-dev --inexact
	@touch $@

.venv/.dev: .venv/bin/uv pyproject.toml uv.lock
	@$(BIN)/uv sync --quiet --frozen --inexact
	@touch $@ .venv/.runtime

# The servers, the browser and Node that the tests and benchmarks start for themselves.
.PHONY: system-packages
system-packages:
	@tests/system-packages

tests/node/node_modules/.installed: tests/node/package-lock.json | system-packages
	@cd tests/node && npm ci --silent --no-audit --no-fund --fetch-retries=0
	@touch $@
