# Everything is installed into the project's own folder; see README.md.
PYTHON ?= python3
BIN := .venv/bin
PYTEST_WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup run test check check-types check-migrations check-imports check-templates check-style prove bench lock clean

help: ## List what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## Install everything that is needed to run
	@$(PYTHON) scripts/setup.py

run: setup ## Run the service with a made-up authority on http://127.0.0.1:8000 (PORT= another); Ctrl-C stops it
	@exec $(BIN)/python -m scripts.run

test: ## Run the whole test suite
	@$(PYTHON) scripts/setup.py --browser
	@exec $(BIN)/pytest -n $(PYTEST_WORKERS)

check: setup ## Check format, lint, templates, types, import boundaries, missing migrations
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target check-types check-migrations check-imports check-templates check-style

check-types:
	$(BIN)/mypy

check-migrations:
	$(BIN)/python manage.py makemigrations --check --dry-run

check-imports:
	$(BIN)/lint-imports

check-templates:
	find . \( -path ./node_modules -o -path ./.venv -o -path ./var \) -prune -o -path '*templates/*.html' -print0 \
		| xargs -0 -r $(BIN)/djade --check --target-version 5.2

check-style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

prove: ## Run the slow proofs: fault drills, races, the large matrix
	@$(PYTHON) scripts/setup.py --browser
	@exec $(BIN)/pytest -m prove

bench: ## Measure with 700, 7,000 and 83,000 children (VS_BENCH_SIZES=, VS_BENCH_ROUNDS=), and write var/bench/*.json
	@$(PYTHON) scripts/setup.py --bench
	@exec $(BIN)/python -m scripts.bench

lock: setup ## Choose the newest versions that requirements*.in allow, and write the locks
	$(BIN)/uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --python-version 3.11 \
		--custom-compile-command "make lock" requirements-dev.in -o requirements.txt
	for tool in uv node bench; do \
		$(BIN)/uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --python-version 3.11 \
			--custom-compile-command "make lock" scripts/$$tool.in -o scripts/$$tool.txt || exit 1; \
	done
	npm install --package-lock-only

clean: ## Remove what was installed and built; the database in var/ stays
	rm -rf .venv node_modules static/build var/cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
