# Needs make, Python 3.11 or newer and pip; installs everything else into .venv from pinned, hashed lists.
# `make run` starts three demonstration clinics; `make plan` plans an example; `make test` runs every test.

PYTHON ?= python3
BIN := .venv/bin
EXAMPLE ?= examples/clonazepam-2mg.toml
PORT ?= 8000
DATA ?= .demo
FOR ?= 1800
# What asks the database: run once on SQLite with everything else, and once more on PostgreSQL.
DATABASE_TESTS := tests/unit/clinic tests/safety/test_kept.py tests/safety/test_isolation.py tests/safety/test_access.py \
	tests/safety/test_log_in.py tests/journeys/test_case_pages.py tests/journeys/test_dispensing_pages.py \
	tests/journeys/test_contribution_pages.py tests/journeys/test_layer_pages.py

.DEFAULT_GOAL := help
# The tests start the program some hundred times; what was compiled once is kept.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help install run plan test check crash hostile soak bench format tour pages validation lock clean

help: ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

install: .venv/run.stamp ## Only the environment, in .venv

.venv/run.stamp: requirements/bootstrap.txt requirements/run.txt pyproject.toml tools/install.sh
	@PYTHON="$(PYTHON)" sh tools/install.sh requirements/run.txt
	@touch $@

.venv/dev.stamp: requirements/bootstrap.txt requirements/dev.txt pyproject.toml tools/install.sh
	@PYTHON="$(PYTHON)" sh tools/install.sh requirements/dev.txt
	@touch $@ .venv/run.stamp

.venv/bench.stamp: requirements/bootstrap.txt requirements/bench.txt pyproject.toml tools/install.sh
	@PYTHON="$(PYTHON)" sh tools/install.sh requirements/bench.txt
	@touch $@ .venv/dev.stamp .venv/run.stamp

run: .venv/run.stamp ## Set everything up and start three demonstration clinics (PORT=… for another port)
	@OPENTAPER_DATA=$(DATA) exec $(BIN)/opentaper serve --demo --port $(PORT)

plan: .venv/run.stamp ## Set everything up and plan the example (EXAMPLE=… for another)
	@$(BIN)/opentaper plan $(EXAMPLE) --as-of 2026-12-01

test: .venv/dev.stamp ## Set everything up and run all tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/deptry src
	@sh tools/chromium.sh
	@sh tools/postgresql.sh
	@$(BIN)/pytest -n auto --dist worksteal
	@$(BIN)/python -m tests.clinic.postgresql $(BIN)/pytest -n auto --dist worksteal $(DATABASE_TESTS)

check: .venv/dev.stamp ## Format, lint, types, import contracts, fast tests: under two minutes
	@$(BIN)/ruff format .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/deptry src
	@$(BIN)/pytest -n auto -m "not slow"

crash: .venv/dev.stamp ## Kill the clinic and its databases again and again while people write: a quarter of an hour
	@sh tools/postgresql.sh
	@$(BIN)/python -m tests.clinic.crash sqlite 100
	@$(BIN)/python -m tests.clinic.crash encrypted 30
	@$(BIN)/python -m tests.clinic.crash postgresql 15
	@$(BIN)/python -m tests.clinic.trace 20

hostile: .venv/dev.stamp ## Everything that people paste in every field of every form: hours
	@OPENTAPER_HOSTILE=all $(BIN)/pytest -n auto tests/safety/test_hostile_forms.py

soak: .venv/dev.stamp ## Fifty people at work in a clinic for half an hour (FOR=… seconds); writes docs/explanation/soak.md
	@$(BIN)/python -m tests.clinic.soak $(FOR) 50 docs/explanation/soak.md

bench: .venv/bench.stamp ## Benchmarks, one JSON object a line, as ratios within one run (needs gcc)
	@$(BIN)/python bench/bench.py

tour: .venv/dev.stamp ## Take the pictures of docs/tutorial/tour.md anew
	@sh tools/chromium.sh
	@OPENTAPER_TOUR=docs/tutorial/tour $(BIN)/pytest tests/journeys/test_tour_in_browser.py

pages: .venv/dev.stamp ## Take the pictures of docs/reference/pages.md anew: ten minutes
	@sh tools/chromium.sh
	@OPENTAPER_GALLERY=docs/reference/pages $(BIN)/pytest -n auto --dist worksteal tests/journeys/test_log_in.py tests/journeys/test_*_in_browser.py

validation: .venv/run.stamp ## Write docs/explanation/validation.md and its charts anew
	@$(BIN)/python -m docs.validation

lock: .venv/dev.stamp ## Resolve the pinned lists anew (needs uv in .tools)
	@sh tools/lock.sh

clean: ## Remove what was installed and cached
	rm -rf .venv .tools .mypy_cache .ruff_cache .hypothesis .demo
