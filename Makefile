# eventhub: `make run` starts it, `make test` proves it. `make` alone lists the rest.
#
# The project is not built or installed: .venv/bin/eventhub is a few lines that this file writes, and a .pth file
# makes the package importable. So a machine with Python, make and nothing else needs no build tools.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
MADE := .venv/.made
CATALOGUES := $(wildcard eventhub/translations/*/LC_MESSAGES/*.po)
COMPILED := $(CATALOGUES:.po=.mo)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --require-hashes --requirement
# the public index alone, whatever this machine prefers: the hashes in the lock files must hold everywhere
UV := env -u UV_INDEX -u UV_DEFAULT_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
	$(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header $(if $(UPGRADE),--upgrade)

# compiled modules are kept: each start without them takes seconds
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run install install-dev test test-fast lint format bench drill kills lock migrate translate demo screenshots clean

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(MADE)/run $(COMPILED) ## start web server and worker on http://127.0.0.1:8000 (PORT=…)
	@PORT=$(PORT) exec $(BIN)/eventhub serve

install: $(MADE)/run $(COMPILED) ## only install what `make run` needs

install-dev: $(MADE)/dev $(COMPILED) ## install what developers need

test: $(MADE)/dev $(MADE)/page-checker $(COMPILED) ## run every test that this machine can run
	@$(BIN)/python -m pytest $(ARGS)

test-fast: $(MADE)/dev $(COMPILED) ## run the quick tests, on SQLite and without browser, in under a minute
	@$(BIN)/python -m pytest -q -n auto --dist worksteal --hypothesis-profile quick -m "not browser and not slow and not postgres" $(ARGS)

lint: $(MADE)/dev $(COMPILED) ## check style, types, imports, templates, migrations, translations
	@$(BIN)/python -m tools.lint

format: $(MADE)/dev ## bring the code into the house style
	@$(BIN)/ruff check --quiet --fix-only . && $(BIN)/ruff format .

bench: $(MADE)/dev $(COMPILED) ## measure the figures in bench/results.json
	@$(BIN)/python -m bench $(ARGS)

drill: $(MADE)/dev $(COMPILED) ## let 42,968 people register, on both databases: an hour; ARGS="--people 800" makes it small
	@$(BIN)/python -m bench.drill $(ARGS)

kills: $(MADE)/dev $(COMPILED) ## end processes with kill -9 50 times while 800 people register, on both databases: ARGS="--kills 5"
	@$(BIN)/python -m bench.killed $(ARGS)

lock: $(MADE)/dev ## remake the lock files after a change of pyproject.toml (UPGRADE=1: newest versions)
	@$(UV) --all-extras --output-file requirements-dev.txt pyproject.toml
	@$(UV) --constraint requirements-dev.txt --no-annotate --extra production --output-file requirements-production.txt pyproject.toml
	@$(UV) --constraint requirements-dev.txt --no-annotate --extra documents --output-file requirements-documents.txt pyproject.toml
	@$(UV) --constraint requirements-dev.txt --no-annotate --output-file requirements.txt pyproject.toml
	@$(BIN)/python -m tools.locks

migrate: $(MADE)/dev ## write a migration from changed models: make migrate m="Add a room"
	@test -n "$(m)" || { echo 'Say what it changes: make migrate m="Add a room"' >&2; exit 1; }
	@$(BIN)/python -m tools.new_migration "$(m)"

translate: $(MADE)/dev ## take new texts into the catalogues and list what is untranslated
	@$(BIN)/python -m tools.translate

demo: $(MADE)/run $(COMPILED) ## start with throw-away data, next to your own
	@EVENTHUB_INSTANCE=$$(mktemp -d) PORT=$(PORT) exec $(BIN)/eventhub serve

screenshots: $(MADE)/dev $(COMPILED) ## renew docs/screenshots with Chromium
	@$(BIN)/python -m tools.screenshots

clean: ## remove what make has made, but no data
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis $(COMPILED)

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "eventhub needs Python 3.11 or newer; say which with make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv

$(BIN)/eventhub: Makefile | .venv/bin/python
	@printf '%s\n' '$(CURDIR)' > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/eventhub.pth"
	@printf '%s\n' '#!/bin/sh' 'exec "$$(dirname "$$0")/python" -m eventhub "$$@"' > $@ && chmod +x $@

$(MADE)/run: requirements.txt | .venv/bin/python $(BIN)/eventhub
	@echo "Installing $< into .venv …" >&2
	@$(PIP) $<
	@mkdir -p $(MADE) && touch $@

$(MADE)/dev: requirements-dev.txt | .venv/bin/python $(BIN)/eventhub
	@echo "Installing $< into .venv …" >&2
	@$(PIP) $<
	@mkdir -p $(MADE) && touch $@ $(MADE)/run

# without npm the tests that need it are left out, and the closing line says so
$(MADE)/page-checker: tests/browser/package-lock.json | .venv/bin/python
	@if command -v npm >/dev/null; then \
		cd tests/browser && npm ci --no-audit --no-fund --loglevel=error >/dev/null && mkdir -p ../../$(MADE) && touch ../../$@; \
	fi

%.mo: %.po | $(MADE)/run
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
