# Every target does its own set-up: a machine needs Python 3.11+ and a package index, nothing else.
SHELL := /bin/bash
export UV_PYTHON_DOWNLOADS := never
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
RUN := $(UV) run --frozen
DEMO := $(RUN) --no-dev
DEV := $(RUN) --exact --all-extras
CHILDREN ?= 5000
SEED ?= 1
EVENTS ?= 1000000
BUDGET ?= 0
ROOMS = $(shell grep -l "^app = marimo" notebooks/*.py)

.PHONY: servers servers-stop demo serve test test-long check format bench lab docs clean

demo: $(UV)   ## the whole road on a synthetic county: from nothing to one director's list
	$(DEMO) shouhe demo --children $(CHILDREN) --seed $(SEED)

serve: $(UV)  ## pages, intake and the analysts' endpoint
	$(DEMO) shouhe serve

test: $(UV)   ## the default suite
	$(DEV) pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not long"

test-long: $(UV)  ## kill -9 and fuzz runs of minutes; BUDGET=SECONDS begins none after them
	$(DEV) pytest -m long --timeout 1800 --budget $(BUDGET)

check: $(UV)  ## lint, types, import contract
	$(DEV) ruff check .
	$(DEV) ruff format --check .
	$(DEV) mypy
	$(DEV) lint-imports
	$(DEV) marimo check --strict $(ROOMS)

format: $(UV)
	$(DEV) ruff check --fix .
	$(DEV) ruff format .

bench: $(UV)  ## ratios of two things measured in the same run
	$(DEV) python -m bench --events $(EVENTS)

lab: $(UV)    ## the analysts' rooms
	$(DEV) python -m notebooks

docs: $(UV)   ## documents generated from the event classes
	$(DEV) python docs/generate.py

servers: $(UV)  ## PostgreSQL, Kafka and ClickHouse's protocol for trials, on loopback
	$(DEV) python -m infra.servers start

servers-stop: $(UV)
	$(DEV) python -m infra.servers stop

clean:
	rm -rf var .venv .uv

.uv/bin/uv:   ## bootstrap where uv is missing
	python3 -m venv .uv
	.uv/bin/pip install --quiet "uv>=0.9"

ifneq ($(UV),.uv/bin/uv)
$(UV): ;
endif
