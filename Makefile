# Every target sets up what it needs, once: the only thing to have beforehand is Python 3.11 or later.

PYTHON ?= python3
PORT ?= 8000
# Where the site will be published; pages link relatively, so only embeds and sitemaps need it.
BASE_URL ?=

# Node and the Python tools come from .venv, whatever else the machine has.
RUN := PATH="$(CURDIR)/.venv/bin:$$PATH"
JS_TESTS := $(wildcard tests/js/*.test.js tests/js/*.test.mjs)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-site site serve lint check test golden bench lock clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## set up everything, the tests' browsers included
	@$(PYTHON) tools/setup.py test

setup-site:
	@$(PYTHON) tools/setup.py site

site: setup-site ## build the site into site/ (BASE_URL=… if known)
	@$(RUN) python build.py $(if $(BASE_URL),--base-url "$(BASE_URL)")

serve: setup-site ## build, serve at http://localhost:8000 (PORT=…), rebuild what changes
	@$(RUN) python build.py --serve --watch --port $(PORT)

lint: setup
	@$(RUN) ruff check --quiet
	@$(RUN) ruff format --check --quiet --diff
	@$(RUN) mypy
	@report="$$($(RUN) lint-imports --no-logo 2>&1)" || { echo "$$report"; exit 1; }
	@$(RUN) node node_modules/typescript/bin/tsc --noEmit
ifneq ($(JS_TESTS),)
	@$(RUN) node --test --test-reporter=dot $(JS_TESTS)
endif

# Nothing in the ignored folders would be run; now it is not read either.
check: lint ## lint, types and the tests that need no browser and no build: a minute and a quarter on two cores
	@$(RUN) python -m pytest -q -n 2 --hypothesis-profile quick -m "not browser and not engines and not slow" \
	  --ignore tests/browser --ignore tests/pyodide

# One pytest run for all tests, so that its closing line is the last thing printed. Browsers mostly wait: two tests at a
# time take two thirds of the time of one by one. The tests of a file share what they set up, and stay together.
# What fails is tried once more, and fails for good then: a browser that another one starved is no fault of the site's.
test: lint site ## everything: lint, types, a build, and all tests, in real browsers too
	@$(RUN) python -m pytest -n 2 --dist loadfile --reruns 1

golden: setup ## draw the pictures that the tests compare with, after a change of look
	@KLWEB_UPDATE_GOLDEN=1 $(RUN) python -m pytest -q tests/widgets/test_golden.py

bench: setup site ## measure what the README says about speed
	@if [ -d bench ]; then $(RUN) python -m bench; else echo "No benchmarks yet."; fi

# Pins for every platform and Python, with a hash for each file, and no index's address.
COMPILE := uv pip compile --quiet --upgrade --universal --fork-strategy fewest \
	--python-version 3.11 --generate-hashes --no-header --no-annotate

lock: ## pin the newest versions that requirements/*.in allow (takes uv: pip install uv)
	@cd requirements && $(COMPILE) build.in -o build.txt
	@cd requirements && $(COMPILE) test.in -o test.txt

clean: ## remove what was built
	@find site -mindepth 1 ! -name .gitignore -delete
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .cache dist

distclean: clean ## and what was set up
	@rm -rf .venv node_modules
