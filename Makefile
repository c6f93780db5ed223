# The commands of the README. `make run` needs Python 3.11 to 3.14 and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
endif
# The tests of what knows no web, no database and no clock; tests/conftest.py marks them `pure`.
PURE := tests/tally tests/domain tests/schemes
# Tests wait for the disk at every ballot that is stored. Where memory has room for their files, nobody waits.
ROOMY := $(shell df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4000 { print "/dev/shm" }')
# Without compiled files every process that the tests start would compile the whole program again: half a second each.
unexport PYTHONDONTWRITEBYTECODE
test coverage remaining-tests quick walls faults failover mutants linkage bad-input ways: export TMPDIR := $(or $(TMPDIR),$(ROOMY),/tmp)

.PHONY: help run dev quick fix check test coverage remaining-tests system walls papers phones faults failover mutants linkage bad-input bench bundle ways release screenshots clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/run-ready ## install what kaohe needs, and serve with an example meeting
	$(BIN)/python -m kaohe upgrade
	$(BIN)/python -m kaohe serve --example

# In a folder of its own, so that a half-done change spoils no data of `make run`. Python, templates, scripts and styles
# are all read when the server starts, so any change starts it anew.
dev: $(VENV)/test-ready ## serve with an example meeting, and start again at every change of a file
	KAOHE_DATA=$(or $(KAOHE_DATA),build/dev) $(BIN)/python -m kaohe upgrade
	KAOHE_DATA=$(or $(KAOHE_DATA),build/dev) $(BIN)/watchfiles --sigint-timeout 2 '$(BIN)/python -m kaohe serve --example' kaohe templates static

# What to run between two edits: half a minute on two idle cores.
quick: check ## style, types, layers, and the tests of the arithmetic and the rules
	$(BIN)/python -m pytest -q -n 2 $(PURE) tests/test_recount.py tests/test_recount_cases.py tests/test_recount_random.py

fix: $(VENV)/test-ready ## format the code and mend what the linter can mend by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: $(VENV)/test-ready ## style, types, layers and templates, without a test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file tests/mypy.ini
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates

ifdef T
test: $(VENV)/test-ready ## everything that CI runs; `make test T=path` runs the tests of one file or folder
	$(BIN)/python -m pytest $(T)
else
# Four at a time on two cores, as a third of the time goes into waiting for servers, browsers and disks. `coverage`, whose
# tests are not run again, computes in what they leave over.
test: $(VENV)/test-ready system check
	$(MAKE) --no-print-directory --jobs=2 PATIENT='nice -n 10' coverage remaining-tests
endif

# Tests call make as well, which is not to take part in the jobs of this one.
remaining-tests: $(VENV)/test-ready
	MAKEFLAGS= $(BIN)/python -m pytest -n 4 -m "hypothesis or not pure"

# By tests of their own that leave nothing to chance: the properties on drawn examples stay out of it. Names what is
# missing and fails.
coverage: $(VENV)/test-ready ## every line and every branch of the arithmetic and of the rules is reached by a test
	$(BIN)/python -m coverage erase
	$(PATIENT) $(BIN)/python -m coverage run -m pytest -q -n 2 -m "pure and not hypothesis" --hypothesis-seed=0 $(PURE)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

system: ## Chromium, a Chinese font, PostgreSQL's server programs and a C compiler, for the tests only
	sh tests/install_system.sh

faults: $(VENV)/test-ready system ## only the tests of faults; KAOHE_FAULTS=long takes an hour and more
	$(BIN)/python -m pytest $(if $(KAOHE_FAULTS),--timeout=0) tests/faults

failover: $(VENV)/test-ready system ## 20 failovers, 20 server kills, 10 rolling restarts, frozen primaries and lost standbys while people vote through a proxy. Ten minutes
	PYTHONPATH=.:tests:tests/support $(BIN)/python tests/faults/failover_in_full.py

linkage: $(VENV)/test-ready system ## the whole linkage game: who has every file, can he tell who chose what? Twenty minutes
	PYTHONPATH=.:tests:tests/support $(BIN)/python tests/linkage/play_in_full.py
	PYTHONPATH=.:tests:tests/support $(BIN)/python tests/linkage/after_the_count.py
	$(BIN)/python -m pytest -q tests/linkage/test_casting_attackers.py tests/linkage/test_postgresql_log.py tests/operations/hall/test_stuffing.py

walls: $(VENV)/test-ready system ## every scene of the wall with up to a hundred subjects and eight groups, and a meeting in which server and network fail at every act. Twenty minutes
	$(BIN)/python -m pytest -q --timeout=0 tests/journeys/scenes_in_full.py tests/journeys/meeting_in_full.py

papers: $(VENV)/test-ready system ## every sheet of every preset through LibreOffice and Chromium: is anything cut or torn? A quarter of an hour
	sh tests/install_system.sh papers
	PYTHONPATH=.:tests:tests/support $(BIN)/python tests/papers/print_in_full.py

phones: $(VENV)/test-ready system ## ballots cast in WebKit, and build/phones: pictures of every ballot on every screen, for somebody to look at. Ten minutes
	sh tests/install_system.sh webkit
	$(BIN)/python -m pytest tests/journeys/in_webkit.py
	KAOHE_PICTURES=build/phones $(BIN)/python -m pytest --timeout=0 tests/journeys/test_phone_boxes.py

bad-input: $(VENV)/test-ready ## whole runs over the console, two thousand messy rosters, a hundred thousand bodies sent as ballots, ten thousand ballots sealed on a phone. An hour
	KAOHE_BAD_INPUT=long $(BIN)/python -m pytest --timeout=0 -s tests/web/test_any_console_run.py tests/web/test_pressed_twice.py \
		tests/domain/test_office_tables.py tests/web/voter/test_any_body.py tests/journeys/test_phone_sealing.py tests/journeys/test_double_clicks.py

# Another seed looks elsewhere: make mutants SEED=2
mutants: $(VENV)/test-ready system ## some dozens of small changes, drawn by a seed, in what most hangs on: is each one caught?
	$(BIN)/python tests/plant_changes.py --seed $(or $(SEED),1)

bench: $(VENV)/test-ready ## every target of speed beside its figure, and build/bench.json. Five minutes on two quiet cores
	$(BIN)/python -m bench

bundle: $(VENV)/test-ready ## folders that start without an internet, for Windows, macOS and Linux; FOR=windows-x64 makes one
	$(BIN)/python deploy/make_bundle.py $(if $(FOR),--for $(FOR)) $(if $(WITH_PYTHON),--with-python $(WITH_PYTHON))
	$(if $(filter-out linux-x64,$(FOR))$(filter-out Linux x86_64,$(shell uname -sm)),,$(BIN)/python deploy/try_bundle.py)

ways: $(VENV)/test-ready system ## a meeting held from a wheel and from `make run`, in a folder with Chinese, as an ordinary user; and 部署手册 followed line by line to two servers behind nginx. Needs a package index; five minutes
	sh tests/install_system.sh proxy
	$(PYTHON) deploy/try_ways.py
	$(BIN)/python -m pytest -q --timeout=0 tests/cli/newcomer_in_full.py

# The time of the commit stands in the wheel, so that whoever builds the same commit gets the same bytes.
release: export SOURCE_DATE_EPOCH := $(shell git log -1 --format=%ct 2>/dev/null)
release: $(VENV)/test-ready ## the wheel, what it is made of (SBOM), and their checksums, in build/release
	rm -rf build/release
	$(BIN)/python -m pip wheel --quiet --no-deps --no-index --no-build-isolation --wheel-dir build/release .
	$(BIN)/python deploy/sbom.py > build/release/kaohe.cdx.json
	cd build/release && sha256sum *.whl kaohe.cdx.json | tee SHA256SUMS

screenshots: $(VENV)/test-ready system ## the pictures of the README and of the guides
	TZ=Asia/Shanghai $(BIN)/python docs/take_screenshots.py
	TZ=Asia/Shanghai KAOHE_GUIDE_PICTURES=docs/screenshots/guides $(BIN)/python -m pytest -q -k tellers tests/journeys/test_whole_meeting.py

$(VENV)/run-ready: requirements.lock
	@$(PYTHON) -c "from kaohe.cli import require_python; require_python()"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/test-ready: requirements-dev.lock
	@$(PYTHON) -c "from kaohe.cli import require_python; require_python()"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-build-isolation --no-deps --editable .
	@touch $@ $(VENV)/run-ready

clean: ## remove the environment and what the tools have kept
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
