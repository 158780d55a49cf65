# Everything runs in .venv, which each target makes by itself. Needs Python 3.10 to 3.12 and make.
#
#   make demo    a Superset with five CRM dashboards over a generated company  (PORT=, SCALE=)
#   make fast    the tests of three minutes: no server, no Superset             (TESTS=, ARGS=)
#   make test    all tests                                                (TESTS=, ARGS=, SEED=)
#   make test-long   all tests, with more random examples                     (EXAMPLES=, SEED=)
#   make test-superset-versions   every tile on each Superset, live and built (VERSIONS=, MODES=, SCALE=)
#   make lint    ruff and mypy        make export   dashboards/export anew
#   make docs    the generated pages  make matrix   every KPI on every engine
#   make pictures    of README and docs, from the demo; needs Chromium
#   make dist    all wheels and source distributions into dist/             (DIST=)
#   make changes the fragments of changes/ into CHANGELOG.md
#   make clean   remove .venv, .demo and dist

SUPERSET ?= 6.1.0
PORT ?= 8088
SCALE ?= 1
TESTS ?=
ARGS ?=
# of the random examples: today's date, unless given
SEED ?=
# times as many random examples
EXAMPLES ?= 20
# of Superset, that `make test-superset-versions` looks at: all that are supported
VERSIONS ?= 4.1.4 5.0.0 6.0.0 6.1.0
ifneq ($(SEED),)
export CRMKPI_SEED = $(SEED)
endif
# on two processes; the heavy groups that tests/conftest.py names begin
SHARED := -n 2 --dist loadgroup --no-loadscope-reorder

VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# INSTALLER=uv takes a fifth of pip's time, but knows nothing of pip's own settings. Both compile:
# a Superset of modules that are not takes each process three times as long to import
ifeq ($(INSTALLER),uv)
INSTALL = $(BIN)/python -m uv pip install -q --compile-bytecode --python $(BIN)/python
else
INSTALL = $(PIP) install -q
endif
STAMP := $(VENV)/.installed-$(SUPERSET)
TEST_STAMP := $(VENV)/.installed-engines-$(SUPERSET)
CONSTRAINTS := constraints/$(SUPERSET).txt
# live, built: both, unless one is named
MODES ?=
# what was found on each version of Superset
ASKED ?= $(VENV)/superset-versions
PLUGINS := $(wildcard plugins/*/pyproject.toml)
DIST ?= dist
# what builds needs neither Superset nor us
HATCHLING ?= $(VENV)/builder/bin/hatchling
FITS := import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))
# the first that runs: a name on PATH may be a launcher without that version behind it
PYTHON ?= $(shell for name in python3.11 python3.12 python3.10 python3; do \
	$$name -c '$(FITS)' 2>/dev/null && echo $$name && break; done)

.PHONY: help demo fast test test-long test-superset-versions ask-tiles lint export docs matrix \
	pictures install dist changes clean
.DEFAULT_GOAL := help

help:
	@sed -n '2,/^$$/s/^# \{0,1\}//p' Makefile

demo: $(STAMP)
	@exec $(BIN)/crmkpi demo --port $(PORT) --scale $(SCALE)

test: $(TEST_STAMP)
	@exec $(BIN)/python -m pytest $(ARGS) $(TESTS)

fast: $(TEST_STAMP)
	@exec $(BIN)/python -m pytest $(SHARED) -m fast $(ARGS) $(TESTS)

test-long: $(TEST_STAMP)
	@CRMKPI_EXAMPLES=$(EXAMPLES) exec $(BIN)/python -m pytest $(ARGS) $(TESTS)

# each version has an environment of its own below .venv, which is kept; it is not part of .ci/run
test-superset-versions: SCALE = 0.1
test-superset-versions:
	$(NEEDS_PYTHON)
	@rm -rf $(ASKED)
	@for version in $(VERSIONS); do \
		$(MAKE) --no-print-directory ask-tiles SUPERSET=$$version \
			VENV=$(VENV)/superset-$$version ASKED=$(ASKED) SCALE=$(SCALE) MODES="$(MODES)" || true; done
	@$(PYTHON) -m tests.superset.versions table $(ASKED) $(VERSIONS)

ask-tiles: $(STAMP)
	@$(BIN)/python -m tests.superset.versions ask $(ASKED) $(SCALE) $(MODES)

lint: $(TEST_STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

export: $(STAMP)
	@exec $(BIN)/crmkpi export

matrix: $(TEST_STAMP)
	@exec $(BIN)/python -m tests.matrix --write

docs: $(STAMP)
	@exec $(BIN)/python docs/generate.py

pictures: $(TEST_STAMP)
	@exec $(BIN)/python -m tests.browser.pictures docs/images

install: $(TEST_STAMP)

dist: $(HATCHLING)
	@mkdir -p $(DIST) && rm -f $(DIST)/*.whl $(DIST)/*.tar.gz
	@into=$$(cd $(DIST) && pwd); tool=$$(cd $(dir $(HATCHLING)) && pwd)/hatchling; \
	for project in . $(patsubst %/pyproject.toml,%,$(PLUGINS)); do \
		said=$$(cd $$project && $$tool build -d $$into 2>&1) || \
			{ echo "$$project: $$said" >&2; exit 1; }; done
	@ls $(DIST)

changes: $(STAMP)
	@$(BIN)/towncrier build --yes --version Unreleased

define NEEDS_PYTHON
	@test -n "$(PYTHON)" || { echo "No Python 3.10, 3.11 or 3.12 on PATH; install one," \
		"or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual" \
		"environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
endef

$(VENV)/builder/bin/hatchling:
	$(NEEDS_PYTHON)
	@$(PYTHON) -m venv $(VENV)/builder
	@$(VENV)/builder/bin/python -m pip install -q --disable-pip-version-check hatchling

$(STAMP): pyproject.toml $(CONSTRAINTS) $(PLUGINS)
	$(NEEDS_PYTHON)
	@test -x $(BIN)/python || { echo "1/3 Making $(VENV) with $$($(PYTHON) --version)"; \
		$(PYTHON) -m venv $(VENV); }
	@echo "2/3 Installing Apache Superset $(SUPERSET) (some minutes the first time)"
	@test "$(INSTALLER)" != uv || $(PIP) install -q uv
	@$(INSTALL) -c $(CONSTRAINTS) apache-superset==$(SUPERSET)
	@echo "3/3 Installing superset-crmkpi and its connectors"
	@$(INSTALL) -c $(CONSTRAINTS) -e '.[superset,postgres,excel,parquet,sentiment,dev]' \
		$(patsubst %/pyproject.toml,-e %,$(PLUGINS))
	@touch $@

# the engines that tests execute SQL on, besides those that a demo needs
$(TEST_STAMP): $(STAMP)
	@echo "Installing the engines for the tests (some minutes the first time)"
	@$(INSTALL) -c $(CONSTRAINTS) -e '.[engines]'
	@touch $@

clean:
	@rm -rf $(VENV) .demo dist
