# The same commands for people and for CI. `make demo` and `make test` set up everything they need.

PYTHON ?= python3
UV ?= uv
DEMO_ARGS ?=
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
PY := .venv/bin/python

# A stamp is named after what was installed: another lock, project file or place installs again.
key = $(shell { cat $(1) pyproject.toml restockd/__init__.py; echo "$(CURDIR)"; } | cksum | tr -cd '0-9')
RUNTIME := .venv/.runtime-$(call key,requirements.lock)
DEV := .venv/.dev-$(call key,requirements-dev.lock)

.PHONY: help setup demo test lint format lock clean

help: ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile

setup: $(DEV) ## make .venv with everything that running, checking and testing need

demo: $(RUNTIME) ## run the main job on the embedded broker and ClickHouse, with a simulated chain of stores
	@$(PY) -m restockd demo $(DEMO_ARGS)

test: $(DEV) ## run every check and every test, as CI does (PYTEST_ARGS="-k ledger" narrows the tests)
	@failed=; $(checks) \
	if [ -n "$$failed" ]; then echo "== FAILED:$$failed (above); the tests run all the same"; fi; \
	echo "== pytest"; \
	$(PY) -m pytest -n auto --dist loadgroup $(PYTEST_ARGS) && [ -z "$$failed" ]

lint: $(DEV) ## run the checks without the tests
	@failed=; $(checks) \
	if [ -n "$$failed" ]; then echo "== FAILED:$$failed" >&2; exit 1; fi

format: $(DEV) ## rewrite the code the way the checks want it
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

lock: ## pin what pyproject.toml asks for, with hashes; needs uv
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: python3 -m pip install uv" >&2; exit 1; }
	@$(compile) --group dev -o requirements-dev.lock
	@$(compile) --group build -c requirements-dev.lock -o requirements.lock

clean: ## remove the environment and everything else that was made
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each check runs even when one before it failed; $$failed collects their names.
check = echo "== $(1)"; $(2) || failed="$$failed $(1)";
checks = $(call check,ruff,$(PY) -m ruff check .) \
	$(call check,format,$(PY) -m ruff format --check .) \
	$(call check,mypy,$(PY) -m mypy) \
	$(call check,imports,$(PY) .venv/bin/lint-imports)

compile = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml

# pip is told to accept only what the lock has a hash for, and to build our own package with the locked hatchling.
define install
	echo "== installing $(1) into .venv (the ClickHouse engine alone is a 180 MB download)"
	$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip --upgrade >/dev/null
	$(PY) -m pip install --disable-pip-version-check --require-hashes --no-deps -r $(1)
	$(PY) -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --no-index --editable .
endef

$(RUNTIME): | $(PY)
	@$(call install,requirements.lock)
	@rm -f .venv/.runtime-* && touch $@

$(DEV): | $(PY)
	@$(call install,requirements-dev.lock)
	@rm -f .venv/.runtime-* .venv/.dev-* && touch $(RUNTIME) $@

$(PY):
	@for python in $(PYTHON) python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "restockd needs Python 3.11 or newer, but $(PYTHON) is `$(PYTHON) --version 2>&1`." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; exit 1; \
	fi; \
	if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$$found cannot make virtual environments: it lacks the modules venv and ensurepip." >&2; \
		echo "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	fi; \
	echo "== making .venv with $$found"; rm -rf .venv; $$found -m venv .venv
