# The jobs of the project; each is a script in scripts/ that installs what it needs by itself.

# More options for `swift build` in a release.
export RELEASE_FLAGS ?=
# How long each fuzz target runs.
export FUZZ_SECONDS ?= 20
# Which rows and peers the benchmark compares, and how often and how long it measures each.
export ROWS ?= table
export PEERS ?= haproxy,nginx,envoy,traefik,caddy
export ROUNDS ?= 5
export SECONDS_PER_ROUND ?= 3

SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help run build test lint format bench fuzz docs soak clean

help: ## says what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## builds everything and shows two services meeting over mutual TLS
	@scripts/run.sh

build: ## builds the release binary
	@scripts/build.sh release

test: ## unit tests and black-box tests
	@scripts/test.sh

lint: ## formatting, layers, sizes, words, scripts, links
	@scripts/lint.sh

format: ## formats the sources in place
	@scripts/format.sh

bench: ## compares the router with other proxies, the authority with cfssl: ROWS= PEERS= ROUNDS= SECONDS_PER_ROUND=
	@scripts/bench.sh

fuzz: ## fuzzes each parser for FUZZ_SECONDS=, known failures first; FUZZ_TARGETS= picks some
	@scripts/fuzz.sh

docs: ## builds the reference documentation into out/docs
	@scripts/docs.sh

soak: ## the long forms: SOAK_SECONDS= of every fuzz target, then the tests marked soak
	@scripts/soak.sh

clean: ## removes what builds and runs left behind
	rm -rf .build .build-* out run {Benchmarks,FuzzTesting,Examples/Services}/.build {Benchmarks,IntegrationTests,scripts}/.venv
	rm -rf {.,Benchmarks,IntegrationTests,scripts}/.{ruff,pytest}_cache
