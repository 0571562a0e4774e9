.DEFAULT_GOAL := help
VENV ?= .venv
PY := $(VENV)/bin/python
export PYTHONUNBUFFERED = 1
# Without bytecode each of the hundreds of processes of a test run would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

help:            ## Show this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

setup: .state/run web ## Make .venv with what the platform needs, and build the page and its map

demo: setup      ## A simulated fleet through the whole platform; open the address it prints
	$(VENV)/bin/haechi demo

test: .state/dev web .state/system  ## Set up, then all tests and doctests, offline
	$(PY) -m pytest -n 4 --dist loadfile --no-loadscope-reorder -m "not alone"
	$(PY) -m pytest -m alone $$(grep -rl --include="test_*.py" "mark.alone" tests)

test-yolo: .state/dev ## The ultralytics adapter in an environment of its own, which takes 6 GB
	.ci/yolo

check: style imports mypy pyright ## Formatting, lint, types and import contracts, cheapest first

style: .state/dev
	$(PY) -m ruff format --check . && $(PY) -m ruff check .

imports: .state/dev
	$(VENV)/bin/lint-imports

mypy: .state/dev
	$(PY) -m mypy .

pyright: .state/dev
	$(PY) -m pyright --pythonpath $(PY)

fix: .state/dev  ## Apply safe lint fixes and format
	$(PY) -m ruff check --fix . && $(PY) -m ruff format .

bench: .state/dev web .state/system  ## The measurements that the README quotes
	$(PY) -m bench

# All that needs no licence of its own to be thought about.
EXTRAS = --extra drone --extra cctv --extra postgres
lock:            ## Resolve the dependencies anew and write the hashed lists
	$(VENV)/bin/uv pip compile pyproject.toml $(EXTRAS) --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -U -o requirements.txt
	$(VENV)/bin/uv pip compile pyproject.toml $(EXTRAS) --group web --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -U -o requirements-web.txt
	$(VENV)/bin/uv pip compile pyproject.toml $(EXTRAS) --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -U -o requirements-dev.txt

web: .state/run
	@$(PY) -m dashboards.build

$(VENV)/bin/uv:
	@echo "setting up $(VENV)"
	python3 -m venv $(VENV)
	$(PY) -m pip install -q --disable-pip-version-check uv

.state:
	@mkdir -p .state

.state/run: $(VENV)/bin/uv requirements-web.txt pyproject.toml | .state
	$(VENV)/bin/uv pip install -q --python $(PY) --require-hashes -r requirements-web.txt
	$(VENV)/bin/uv pip install -q --python $(PY) --no-deps -e .
	@# 2 MB of Python: an agent that compiles it itself keeps 80 MB for as long as it runs.
	$(PY) -m compileall -q $(VENV)/lib/python3*/site-packages/pymavlink/dialects/v20/ardupilotmega.py
	@touch $@

.state/dev: $(VENV)/bin/uv requirements-dev.txt pyproject.toml | .state
	$(VENV)/bin/uv pip install -q --python $(PY) --require-hashes -r requirements-dev.txt
	$(VENV)/bin/uv pip install -q --python $(PY) --no-deps -e .
	@touch $@ .state/run

# Real parts for the tests: a broker, a browser, an independent AIS decoder, fault injection.
SYSTEM = mosquitto mosquitto-clients chromium gpsd-clients faketime strace iproute2 nftables postgresql
.state/system: | .state
	@if [ "$$(id -u)" = 0 ]; then root=""; elif sudo -n true 2>/dev/null; then root="sudo"; else root=none; fi; \
	missing=$$(for p in $(SYSTEM); do dpkg -s $$p >/dev/null 2>&1 || echo $$p; done); \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$root" = none ]; then echo "not root: tests that need these will be skipped:" $$missing; \
	else echo "installing" $$missing; $$root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$root apt-get install -y -qq $$missing >/dev/null; fi
	@touch $@

.PHONY: help setup web demo test test-yolo check style imports mypy pyright fix bench lock
