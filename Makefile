# Everything a person types; `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint fast bench fix clean
PY := .venv/bin/python

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

setup: ## make .venv and install codeassist
	@.ci/setup user

demo: setup ## fetch the default model, complete three holes of our own source
	@.venv/bin/codeassist models path >/dev/null 2>&1 || .venv/bin/codeassist models pull
	@.venv/bin/codeassist demo

test: lint ## everything: checks, fast tests, real models, real editors
	@.venv/bin/codeassist models pull
	@.venv/bin/codeassist models pull smollm2-135m
	@$(PY) -m pytest -q

lint: ## ruff, mypy --strict, import-linter
	@.ci/setup dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-cache

fast: ## the tests that need neither torch nor a model
	@.ci/setup dev
	@$(PY) -m pytest -q -m "not torch and not model and not editor"

# typing_.py: a file typing.py would stand in for the standard library's
DOT := .
SCRIPT = $(firstword $(wildcard $(addprefix tests/bench/$(subst $(DOT),_,$(subst -,_,$(B))),.py _.py)))
bench: ## make bench B=cold-start: one measured claim (docs/benchmarks.md lists them)
	@test -n "$(B)" || { echo "name a bench: make bench B=NAME; docs/benchmarks.md lists them" >&2; exit 2; }
	@test -n "$(SCRIPT)" || { echo "there is no bench $(B); docs/benchmarks.md lists them" >&2; exit 2; }
	@.ci/setup dev
	@.venv/bin/codeassist models path >/dev/null 2>&1 || .venv/bin/codeassist models pull
	@PYTHONPATH=. $(PY) $(SCRIPT)

fix: ## format, and mend what can be mended
	@.ci/setup dev
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

clean: ## delete .venv and caches of tools; models and wheels stay
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache
	rm -rf editors/vscode/node_modules editors/vscode/dist editors/vscode/*.vsix editors/vscode/LICENSE
