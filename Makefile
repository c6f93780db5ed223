# The commands of the README. `make run` needs Python 3.11 or later and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
endif

# Puts the command `kaohe` beside this environment's python, so that $(BIN)/kaohe works from any folder.
define COMMAND
import pathlib, sys, sysconfig
pathlib.Path(sysconfig.get_path("purelib"), "kaohe.pth").write_text(str(pathlib.Path.cwd()))
script = pathlib.Path(sys.executable).with_name("kaohe")
script.write_text(f"#!{sys.executable}\nfrom kaohe.cli import main\nmain()\n")
script.chmod(0o755)
endef
export COMMAND

.PHONY: run test check coverage system linkage bad-input screenshots bench faults clean

run: $(VENV)/run-ready
	$(BIN)/python -m kaohe serve --example

# Three at a time on two cores, as a part of the tests waits for servers and browsers.
test: $(VENV)/test-ready system check
	$(BIN)/python -m pytest -n 3 --dist loadfile

check: $(VENV)/test-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates

# Every line and every branch of the arithmetic and of the rules, by tests of their own that leave nothing to chance:
# the properties on drawn examples stay out of it. Under a minute on an idle machine; names what is missing and fails.
coverage: $(VENV)/test-ready
	$(BIN)/python -m coverage run -m pytest -q -m "not hypothesis" --hypothesis-seed=0 tests/tally tests/domain tests/schemes
	$(BIN)/python -m coverage report

# Chromium, a Chinese font, PostgreSQL's server programs and a C compiler, for the tests only.
system:
	sh tests/install_system.sh

# The whole linkage game: who has every file, can he tell who chose what? A quarter of an hour; prints its figures.
linkage: $(VENV)/test-ready system
	PYTHONPATH=.:tests $(BIN)/python tests/linkage/play_in_full.py

# Bad input in its long form: whole runs over the console, and a hundred thousand bodies sent as ballots. An hour.
bad-input: $(VENV)/test-ready
	KAOHE_BAD_INPUT=long $(BIN)/python -m pytest -s tests/web/test_any_console_run.py tests/web/voter/test_any_body.py

screenshots: $(VENV)/test-ready system
	$(BIN)/python docs/take_screenshots.py

# About five minutes on two quiet cores; every target beside its figure, and build/bench.json.
bench: $(VENV)/test-ready
	$(BIN)/python -m bench

# The faults alone, which `make test` runs too, in their short form. KAOHE_FAULTS=long takes an hour and more.
faults: $(VENV)/test-ready system
	$(BIN)/python -m pytest tests/faults

$(VENV)/run-ready: requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -c "$$COMMAND"
	@touch $@

$(VENV)/test-ready: requirements-dev.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -c "$$COMMAND"
	@touch $@ $(VENV)/run-ready

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
