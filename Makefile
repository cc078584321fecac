# What a person types. `make demo` and `make test` need nothing but Python 3.11 and make: each makes its own .venv first.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test test-more test-engines test-browser-all screenshots soak lint check bench docs lock clean
RUN := .venv/bin
DEMO := demo-workspace
PORT ?= 8400
DOCUMENTED := .cache/documented
LAWS := $(wildcard tests/laws) tests/store/test_values.py tests/store/test_zones.py
WORKERS ?= 2
export PYTHON ?= python3

help: ## what can be made
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 20

demo: base ## a simulated company in ./demo-workspace, its scorecard, and its pages in the browser
	@if test ! -f $(DEMO)/store/CURRENT; then rm -rf $(DEMO); \
	$(RUN)/salesgauge demo $(DEMO) --last-day $$($(RUN)/python -c 'import datetime as d; print(d.date.today() - d.timedelta(1))'); fi
	@echo "salesgauge is in .venv/bin; to have it at hand: source .venv/bin/activate"
	@$(RUN)/salesgauge serve --workspace $(DEMO) --port $(PORT)

.PHONY: base
base:
	@scripts/environment.sh base

$(DOCUMENTED)/store/CURRENT: | base
	@rm -rf $(DOCUMENTED)
	$(RUN)/salesgauge demo $(DOCUMENTED) >/dev/null

test: ## everything that must hold, in at most a quarter of an hour: style, types, layers, tests
	@scripts/environment.sh test
	@$(MAKE) --no-print-directory check
	$(RUN)/pytest -n $(WORKERS) --dist worksteal

# Later issues add what needs a browser or a server here, in suites of their own beside these two.
test-more: ## the heavier suites: the medium demo through every command, PostgreSQL, the laws on more companies, every layout of the reference
	@scripts/environment.sh more
	$(RUN)/pytest -n $(WORKERS) --dist worksteal -m more
	SALESGAUGE_LAWS=14 $(RUN)/pytest -n $(WORKERS) --dist worksteal tests/laws --ignore tests/laws/test_access.py

test-engines: ## every conformance pack, whole, on every engine: PostgreSQL, ClickHouse and a Spark cluster
	@scripts/environment.sh more
	$(RUN)/pytest -n $(WORKERS) --dist worksteal -m engines

test-browser-all: ## every page in every language, theme and width, instead of by pairs
	@scripts/environment.sh test
	SALESGAUGE_BROWSER=all $(RUN)/pytest -n $(WORKERS) tests/browser

screenshots: ## a picture of every page, in ./screenshots
	@scripts/environment.sh test
	@mkdir -p screenshots
	SALESGAUGE_SCREENSHOTS=$(CURDIR)/screenshots $(RUN)/pytest -n $(WORKERS) tests/browser/test_every_page.py

soak: ## what takes longer still, with other examples each time: the laws on many more companies and values; kills, a full disk, readers
	@scripts/environment.sh test
	SALESGAUGE_LAWS=200 $(RUN)/pytest -n $(WORKERS) --hypothesis-profile=thorough $(LAWS)
	@$(MAKE) --no-print-directory soak-faults

.PHONY: soak-faults
soak-faults: ## of soak: 100 kills and full disks of loads under readers, as many of syncs of 300,000 records, 10 kills of each kind of system, then 16 readers and a writer for ten minutes; prints what it measured
	@scripts/environment.sh test
	SALESGAUGE_KILLS=100 SALESGAUGE_SECONDS=600 SALESGAUGE_SEED=$${SALESGAUGE_SEED:-$$RANDOM} $(RUN)/pytest -n 0 -s -m more tests/faults

lint: ## style, types and layers only
	@scripts/environment.sh test
	@$(MAKE) --no-print-directory check

check:
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/lint-imports --no-logo

bench: ## measures, prints a table and writes bench/results.json
	@scripts/environment.sh bench
	$(RUN)/python -m bench

docs: $(DOCUMENTED)/store/CURRENT ## remakes docs/reference, the outputs of the examples and the picture of the scorecard
	$(RUN)/python -m docs.making $(DOCUMENTED)

lock: ## remakes requirements/*.txt from pyproject.toml; make lock UPGRADE=--upgrade takes newer versions
	@scripts/environment.sh lock
	PATH="$(CURDIR)/$(RUN):$$PATH" scripts/lock.sh $(UPGRADE)

clean: ## removes what was made here: .venv, caches, the demo
	rm -rf .venv .cache $(DEMO) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist src/*.egg-info
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
