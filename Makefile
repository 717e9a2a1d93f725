# Every target sets up what it needs: a virtual environment in $(VENV) with srcgrad and its extras.

PYTHON ?= python3
VENV ?= .venv
WORKERS ?= auto

BIN := $(VENV)/bin
READY := $(VENV)/.ready
SHELL := /bin/bash
.DEFAULT_GOAL := help

.PHONY: help
help:  ## list every target
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "srcgrad needs Python 3.11 or newer; choose one with make PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev,examples]'
	touch $(READY)

.PHONY: install
install: $(READY)  ## make the virtual environment and install srcgrad with all extras

.PHONY: test
test: $(READY)  ## run the whole test suite
	$(BIN)/python -m pytest -n $(WORKERS)

.PHONY: test-fast
test-fast: $(READY)  ## run the tests that are not slow, in under a minute
	$(BIN)/python -m pytest -n $(WORKERS) -m 'not slow'

.PHONY: cases
cases: $(READY)  ## rewrite the expected parts of text cases and documents; review the diff
	$(BIN)/python -m pytest tests/cases tests/test_documents.py --update-cases
	git diff --stat -- tests/cases README.md docs

.PHONY: types
types: $(READY)  ## check types
	$(BIN)/python -m mypy

.PHONY: lint
lint: $(READY)  ## check style and format
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

.PHONY: format
format: $(READY)  ## bring the code into its format
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

.PHONY: docs
docs: $(READY)  ## run the examples in README.md, docs/ and docstrings
	$(BIN)/python -m pytest tests/test_documents.py

.PHONY: examples
examples: $(READY)  ## run every example in its short form
	set -e; for example in examples/*.py; do \
	  echo "== $$example --short"; MPLBACKEND=Agg $(BIN)/python $$example --short; \
	done

.PHONY: digits
digits: $(READY)  ## train a network on handwritten digits
	MPLBACKEND=Agg $(BIN)/python examples/digits.py

.PHONY: bench
bench: $(READY)  ## measure compile time, call overhead and speed
	set -e; for bench in tests/benchmarks/[a-z]*.py; do \
	  echo "== $$bench"; $(BIN)/python -m tests.benchmarks.$$(basename $$bench .py); done

.PHONY: fuzz
fuzz: $(READY)  ## differentiate random programs, FUZZ_SECONDS long or until interrupted
	$(BIN)/python -m tests.random_programs

.PHONY: jax
jax: $(READY)  ## compare all calls of NumPy functions with JAX, not a share of them
	JAX_SHARE=1 $(BIN)/python -m pytest -n $(WORKERS) tests/numpy_calls/test_jax.py

.PHONY: second-order
second-order: $(READY)  ## check all programs of the corpus at second order, not a share of them
	SECOND_ORDER_SHARE=1 $(BIN)/python -m pytest -n $(WORKERS) tests/corpus/test_second_order.py

.PHONY: ci
ci:  ## do what continuous integration does, in a fresh environment
	.ci/run
