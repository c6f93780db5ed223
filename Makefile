# The commands of the README. `make run` needs Python 3.11 or later and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
endif

.PHONY: run test check system screenshots clean

run: $(VENV)/run-ready
	$(BIN)/python -m kaohe serve --example

test: $(VENV)/test-ready system check
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(VENV)/test-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates

# Chromium, a Chinese font and PostgreSQL's server programs, for the tests only.
system:
	sh tests/install_system.sh

screenshots: $(VENV)/test-ready system
	$(BIN)/python docs/take_screenshots.py

$(VENV)/run-ready: requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/test-ready: requirements-dev.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/run-ready

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
