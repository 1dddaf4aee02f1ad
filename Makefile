# One verb per target. `make` alone is the help.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

UV_VERSION := 0.13.9
# The machine's uv where it has one; otherwise pip brings it into build/, so nothing is left outside.
UV := $(shell command -v uv || echo build/tools/bin/uv)
RUN := $(UV) run --no-sync
MEMBERS := ingestion_simulator local_warehouse local_platform transformation_pipeline
TEST_FOLDERS := $(addprefix tests/,integration chart images e2e/scenarios e2e/cluster/tests e2e/operator_double)

# Without bytecode every Dagster and dbt process starts 2.5 times slower.
export UV_COMPILE_BYTECODE := 1

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: .venv/synced ## Run the platform end to end on this machine: history, live changes, marts, reconciliation
	@$(RUN) local-platform demo

.PHONY: dev
dev: .venv/synced ## The same, left running: Dagster on http://localhost:3000, a live simulator; Ctrl-C stops it
	@$(RUN) local-platform dev

.PHONY: test
test: .venv/synced ## Run all tests (PYTEST_ARGS="-k name" narrows them)
	$(RUN) pytest $(PYTEST_ARGS)

.PHONY: lint
lint: .venv/synced ## Check format, lint, types, SQL, YAML, shell, spelling and the lock file
	$(UV) lock --check
	$(RUN) ruff format --check
	$(RUN) ruff check
	@# Each in its own folder: the members' folders are named as their packages.
	for folder in $(MEMBERS); do (cd $$folder && ../.venv/bin/mypy src tests); done
	for folder in $(TEST_FOLDERS); do (cd $$folder && $(CURDIR)/.venv/bin/mypy .); done
	$(RUN) mypy deploy/helm tests/e2e/run.py
	$(RUN) sqlfluff lint transformation_pipeline/dbt
	$(RUN) yamllint --strict .
	$(RUN) shellcheck -x $$(git grep -lE '^#!/.*[ /](ba)?sh$$')
	$(RUN) codespell

.PHONY: lint-workflows
lint-workflows: ## Check the GitHub workflows (needs Go)
	go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.8

.PHONY: format
format: .venv/synced ## Rewrite Python and SQL in the project's format
	$(RUN) ruff check --fix
	$(RUN) ruff format
	$(RUN) sqlfluff fix transformation_pipeline/dbt

.PHONY: images
images: ## Build the container images and print their sizes (needs Docker)
	@deploy/images/build

.PHONY: test-chart
test-chart: .venv/synced ## Render the Helm chart in many ways and check the objects (needs helm)
	$(RUN) pytest tests/chart $(PYTEST_ARGS)

.PHONY: e2e
e2e: .venv/synced ## Install the platform in a kind cluster and run the scenarios (KEEP=1 leaves it running)
	@$(RUN) python tests/e2e/run.py

.PHONY: bench
bench: .venv/synced ## Measure generation, loading and incremental runs; print a table
	@$(RUN) local-platform bench

.PHONY: clean
clean: ## Remove everything that make has made
	rm -rf .venv build

build/tools/bin/uv:
	@echo "installing uv $(UV_VERSION) into build/tools"
	@python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target build/tools uv==$(UV_VERSION)

.venv/synced: $(filter build/%,$(UV)) uv.lock pyproject.toml $(MEMBERS:=/pyproject.toml)
	$(UV) sync --locked --all-packages
	@touch $@
