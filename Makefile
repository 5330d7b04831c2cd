# Targets set themselves up: any of them works in a fresh clone with Python 3.11-3.13 and make.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.ready
JOBS ?= 2
FUZZ_S ?= 300
PAIRS ?= 1000000
HISTORIES ?= 1000000
SEED ?= $(shell date +%Y%m%d)000000
WANTED := Plugrail needs Python 3.11, 3.12 or 3.13; name yours: make PYTHON=python3.12 ...
FIT := (3, 11) <= v <= (3, 13)
SRC := app.py chalicelib infra sandbox tests bench

# A market is thirty processes that import the same: none of them compiles it again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

help: ## list what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r t d; do printf '  make %-10s %s\n' "$$t" "$$d"; done

setup: $(STAMP) ## build .venv from the pinned requirements

$(STAMP): requirements.txt requirements-dev.txt
	@command -v "$(PYTHON)" >/dev/null || { echo "$(PYTHON) is not here. $(WANTED)" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if $(FIT) else "%s is %d.%d. $(WANTED)" % ((sys.executable,) + v))'
	@echo "setting up .venv (once: a minute, or as long as the line to PyPI takes)"
	@$(PY) -c 'import pip, sys; v = sys.version_info[:2]; sys.exit(not $(FIT))' 2>/dev/null || "$(PYTHON)" -m venv --clear $(VENV)
	@$(PY) -m pip install --quiet --no-compile --disable-pip-version-check --timeout 60 --retries 10 -r requirements-dev.txt
	@touch $@

demo: $(STAMP) ## a whole charging market on this laptop, from plug to payout
	@$(PY) -m sandbox demo

demo-long: $(STAMP) ## ten CPOs of three OCPI versions for a week, every fault in each of them
	@$(PY) -m sandbox demo --long

test: $(STAMP) ## every test of behaviour, the market end to end included
	@$(PY) -m pytest -n $(JOBS) --dist loadgroup --ignore=tests/tidy --ignore=tests/infra

check: $(STAMP) ## style, types, import law, templates
	@$(PY) -m ruff check --no-cache $(SRC)
	@$(PY) -m ruff format --no-cache --check $(SRC)
	@$(MAKE) --no-print-directory -j $(JOBS) types law

types: $(STAMP)
	@$(PY) -m mypy $(SRC)

law: $(STAMP)
	@PYTHONPATH=. $(VENV)/bin/lint-imports --no-cache
	@$(PY) -m pytest -q tests/tidy tests/infra

serve: $(STAMP) ## the channel at http://127.0.0.1:8000 with seeded parties
	@$(PY) -m sandbox serve

bench: $(STAMP) ## speed, size and write units, as ratios in one run
	@$(PY) -m bench

fuzz: $(STAMP) ## bytes that coverage leads against the readers of CDRs and tariffs, five minutes
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-fuzz.txt
	@$(PY) -m tests.fuzz --seconds $(FUZZ_S)

pairs: $(STAMP) ## the pricing engine against its reference: PAIRS=1000000 random sessions, SEED today
	@nice $(PY) -m tests.properties.random_pairs --pairs $(PAIRS) --seed $(SEED) --processes $(JOBS)

mutants: $(STAMP) ## break the tariff room line by line: each survivor needs a verdict or a test
	@nice $(PY) -m tests.mutants --processes $(JOBS)

simulate: $(STAMP) ## HISTORIES=1000000 in which everything goes wrong, and a crash at every outside call
	@$(PY) -m sandbox simulate --histories $(HISTORIES) --seed $(SEED) --jobs $(JOBS)

interop: $(STAMP) build/interop/extrawest/.ready build/interop/latam/.ready ## CPOs' software that we did not write, in environments of its own
	@INTEROP=1 $(PY) -m pytest -q tests/interop

build/interop/%/.ready: tests/interop/requirements-%.txt
	@echo "setting up $(@D)"
	@"$(PYTHON)" -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --timeout 60 --retries 10 -r $<
	@touch $@

nightly: $(STAMP) ## what takes hours: a million pairs, properties at 5,000 examples, every OCPI schema, the mutants
	@$(MAKE) pairs
	@HYPOTHESIS_PROFILE=nightly nice $(PY) -m pytest -n $(JOBS) -o timeout=14400 tests/properties tests/integration/ocpi/test_schema_fuzz.py
	@$(MAKE) mutants

package: $(STAMP) ## the template and zip that AWS (and the demo) gets, in build/package
	@$(PY) -m sandbox package

format: $(STAMP) ## let ruff mend what it can
	@$(PY) -m ruff check --fix --quiet $(SRC); $(PY) -m ruff format --quiet $(SRC)

clean: ## remove what was built (not .venv)
	@rm -rf build .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.PHONY: help setup demo demo-long test check types law serve bench simulate fuzz pairs mutants interop nightly package format clean
