# One machine, no accounts: `make run`. Everything it does is in local/.

SHELL := /bin/bash

# The environment's own Python once there is one, else any on the machine from 3.11 to 3.13 that can make one.
FIND_PYTHON = for python in .venv/bin/python python3 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && break; \
	python=; done; \
	if [ -z "$$python" ]; then echo "Vaani needs Python 3.11, 3.12 or 3.13 with its venv module. On Debian: apt install python3-venv" >&2; exit 1; fi
SET_UP = $(FIND_PYTHON); exec "$$python" -m local setup
LOCAL = exec .venv/bin/python -m local
BIN = .venv/bin

.PHONY: help setup run demo test check faults bench-waits bench-page lock env-example

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

setup:  ## Install everything that running needs
	@$(SET_UP)

run: setup  ## Set up and run the product on this machine
	@$(LOCAL) run

demo: setup  ## Let three sample callers ring, to have calls and leads to look at; runs the product if it is not running
	@$(LOCAL) demo

test: setup-tests  ## Run all tests; E2E=skip leaves out those with a browser
ifeq ($(E2E),skip)
	@echo "############ E2E=skip: THE END-TO-END TESTS ARE LEFT OUT ############"
else
	@$(LOCAL) chromium
endif
	@$(LOCAL) with postgres redis -- $(BIN)/pytest -n 3 --dist=worksteal tests --ignore=tests/e2e
ifneq ($(E2E),skip)
	@exec $(BIN)/pytest -n 2 --dist=worksteal -p no:randomly tests/e2e
endif

check: setup-tests  ## Run the linters, the type checker and the migrations check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml vaani agents calls leads local deploy manage.py
	@$(LOCAL) with postgres redis -- $(BIN)/python manage.py makemigrations --check --dry-run

faults: setup-tests  ## Let every fault befall a live call: promised against observed; FAULTS="--only Redis" for some
	@$(LOCAL) chromium
	@$(BIN)/python -m tests.faults $(FAULTS)

bench-waits: setup-tests  ## Compare the waits that are shown with the sound itself, over 40 answers
	@$(LOCAL) chromium
	@$(BIN)/python -m bench.waits 40

bench-page: setup-tests  ## Weigh the visitor's page, and time its start on a slow phone
	@$(LOCAL) chromium
	@$(BIN)/python -m bench.page

lock: setup  ## Pin the requirements anew, each file for Python 3.11 and later
	$(BIN)/python -m pip install --quiet uv
	for folder in . local tests; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 $$folder/requirements.in -o $$folder/requirements.txt || exit 1; done

env-example: setup  ## Write .env.example from vaani/env.py
	$(BIN)/python -c 'from vaani.env import env_example; print(env_example(), end="")' > .env.example

.PHONY: setup-tests
setup-tests:
	@$(SET_UP) --tests
