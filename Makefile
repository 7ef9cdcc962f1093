# `make demo` and `make test` need Python 3.11 or newer with venv, and nothing else.

# The first that runs and is new enough: a name on the path may be a stand-in for a version that is not there.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
STORE := build/registry.db
SDKS := build/example-reader.db
TIMES := 43
export REGISTRY_LANG ?= en
REGISTRY := $(BIN)/registry --store $(STORE)

.PHONY: demo demo-sdks test lint generate soak soak-short bench clean

demo: $(VENV)/.demo
	@mkdir -p build
	@rm -f $(STORE) $(STORE)-wal $(STORE)-shm
	$(REGISTRY) init
	$(REGISTRY) apply --yes seeds/icourse163
	$(REGISTRY) who-receives location
	@for list in sharing collection permissions; do \
		for lang in zh en; do \
			$(REGISTRY) report $$list --lang $$lang --format html -o build/$$list.$$lang.html || exit 1; \
		done; \
	done
	@echo
	@echo "The registry is in $(STORE), the lists are in build/:"
	@ls build/*.html
	@echo "Ask on: $(REGISTRY) what-receives affiliates"

# The lists of a fictional product with named SDKs: the policy names none.
demo-sdks: $(VENV)/.demo
	@mkdir -p build
	@rm -f $(SDKS) $(SDKS)-wal $(SDKS)-shm
	$(BIN)/registry --store $(SDKS) init
	$(BIN)/registry --store $(SDKS) apply --yes seeds/example-reader
	@for list in sharing collection permissions; do \
		for lang in zh en; do \
			$(BIN)/registry --store $(SDKS) report $$list --lang $$lang --strict -o build/example-reader.$$list.$$lang.html || exit 1; \
		done; \
	done
	@echo
	@echo "The registry is in $(SDKS), the lists are in build/:"
	@ls build/example-reader.*.html

test: lint
	$(BIN)/python -m pytest -n 2 --durations=10

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m registry_cli.generate --check

# Writes every file that derives from the code: schema/ and the generated pages of docs/.
generate: $(VENV)/.dev
	$(BIN)/python -m registry_cli.generate

# The random graphs many times over, writers and servers killed for a while, and what `make test` leaves to this run:
# 10,000 cases on Neo4j.
soak: $(VENV)/.dev
	REGISTRY_SOAK=$(TIMES) $(BIN)/python -m pytest -n 2 --timeout 20000 --durations=10 \
		tests/stores tests/lineage/test_agreement.py tests/test_cli.py

# Its short form, for continuous integration: twice as many cases and killed writers on the stores without a server.
soak-short: $(VENV)/.dev
	REGISTRY_SOAK=2 $(BIN)/python -m pytest -n 2 --timeout 3000 --durations=10 -k "not neo4j" tests/stores

bench: $(VENV)/.dev
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) build dist

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "no Python 3.11 or newer (with venv) was found: install one, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) cannot be used: name Python 3.11 or newer with venv: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.demo
