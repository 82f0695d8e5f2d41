# Every target explains itself: `make help`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export UV_PYTHON_DOWNLOADS := never

.PHONY: help run up down env images test tests check format bench soak lock clean

help: ## What there is
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  Settings are environment variables; .env.example lists them all."

run: $(VENV)/run ## Everything in one process, with demo data, on http://localhost:8000 (PORT, DATA_DIR)
	@exec $(BIN)/waymark up

env: ## Make .env with secrets at random, for docker compose
	@deploy/env.sh .env

images: ## Build the container images
	docker compose build

up: env ## Everything in containers (docker compose), ready on http://localhost:8000
	docker compose up --build --wait
	@echo "Waymark is ready at http://localhost:8000; mails are caught at http://localhost:8025"

down: ## End the containers; what they keep stays (docker compose down -v removes it)
	docker compose --profile full --profile observability down

test: $(VENV)/dev ## All checks and tests, over a real PostgreSQL and RabbitMQ; under 10 minutes
	@$(MAKE) --no-print-directory -j2 check tests

# Thousands of small files come and go: in memory, where 4 GB of it are to be had, not on the disk.
tests: $(VENV)/dev
	@room=$$(df -k --output=avail /dev/shm 2>/dev/null | tail -1); \
	  [ "$${room:-0}" -gt 4000000 ] && export TMPDIR=/dev/shm; \
	  export TMPDIR=$$(mktemp -d -t waymark-tests-XXXXXX); chmod 711 $$TMPDIR; \
	  trap 'rm -rf $$TMPDIR' EXIT; \
	  $(BIN)/python -m pytest -m "not soak" -n 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/dev ## Format, lint, types, who may import whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(VENV)/dev ## Put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/dev ## Benchmarks: ratios against a named floor or peer, in one run
	$(BIN)/python -m bench

soak: $(VENV)/dev ## Long proofs: kills and floods
	$(BIN)/python -m pytest -m soak -o timeout=3600

lock: $(VENV)/uv ## Write requirements/*.lock anew from pyproject.toml
	cd requirements && ./lock.sh ../$(BIN)/uv

clean: ## Remove what was installed; data in DATA_DIR stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

# The virtual environment in two sizes. Each is one file that is newer than what it was made from.
$(VENV)/uv: requirements/bootstrap.lock
	@./requirements/venv.sh $(PYTHON) $(VENV)
	@touch $@

$(VENV)/run: $(VENV)/uv requirements/run.lock pyproject.toml
	@test -e $(VENV)/dev || { echo "installing what Waymark needs …"; \
	  $(BIN)/uv pip install -q --python $(BIN)/python --require-hashes --compile-bytecode -r requirements/run.lock; }
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: $(VENV)/uv requirements/dev.lock pyproject.toml
	@echo "installing what the tests need …"
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes --compile-bytecode -r requirements/dev.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/run
