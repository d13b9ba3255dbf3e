# `make demo`, `make serve`, `make test`, `make check`: each sets itself up first.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.installed
LOCK := requirements.txt requirements-report.txt requirements-dev.txt constraints.txt

.PHONY: setup demo serve deploy snippet chromium unit test lint check clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    deploy to the AWS emulator, send visitors, print the report"
	@echo "make serve   keep the same stack up at http://127.0.0.1:\$$PORT/ (8000)"
	@echo "make snippet build the browser's script into build/snippet, with its sizes"
	@echo "make unit    the tests that need neither emulator nor browser, in under a minute"
	@echo "make test    every test"
	@echo "make check   lint, types and every test: what CI runs"
	@echo "make deploy  STAGE=prod: up, deploy and publish in the AWS account of your credentials"
	@echo "make setup   .venv with the pinned requirements; the others call it"
	@echo "make clean   remove .venv and build/"

setup: $(STAMP)

$(STAMP): $(LOCK)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "leansplit needs Python 3.11 or later; say which with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || \
		{ echo "This Python cannot make virtual environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --disable-pip-version-check --progress-bar on -r requirements-dev.txt -c constraints.txt
	$(RUN) -m pip check
	@touch $@

demo: setup
	@$(RUN) -m infra demo

serve: setup
	@$(RUN) -m infra serve

snippet: setup
	@$(RUN) -m infra snippet

deploy: setup
	@test -n "$(STAGE)" || { echo "say which stage: make deploy STAGE=prod" >&2; exit 1; }
	@$(RUN) -m infra up --stage $(STAGE) $(YES)
	@$(RUN) -m infra deploy --stage $(STAGE) $(YES)
	@$(RUN) -m infra publish --stage $(STAGE) $(YES)

# The browser tests want Chromium: installed where that is possible, else they are skipped and say so.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
		  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-liberation; } || \
		echo "NO CHROMIUM: the browser tests are skipped" >&2

# Without emulator, browser and coverage, and with a tenth of the examples of each law.
unit: setup
	$(RUN) -m pytest -n 2 --dist loadfile --hypothesis-profile=fast -m "not slow and not stack and not browser" \
		tests/domain tests/stats tests/services tests/web tests/django_lean tests/test_*.py

test: setup chromium
	$(RUN) -m pytest -n 2 --dist loadfile --cov --cov-report=term:skip-covered --cov-fail-under=95

lint: setup
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/cfn-lint infra/data.yaml

check: lint test

clean:
	rm -rf $(VENV) build
