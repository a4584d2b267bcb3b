#!/usr/bin/env bash
# Counts of the hot path, unit tests, then black-box tests against the very binary that the same build produced.
#
# PYTEST_ARGS     more options for pytest, split at spaces
# PYTEST_WORKERS  how many tests run at once (default 2)
source "$(dirname "$0")/common.sh"

scripts/setup.sh test

say "building the products and the tests"
swift build --build-tests --explicit-target-dependency-import-check error

say "building the example services, which the integration tests run"
build_examples

say "counting the instructions and allocations of the hot path"
build_benchmark hotpath
python3 Benchmarks/count.py "$(benchmarks_path)/hotpath"

say "building the load generator, which has tests of its own"
build_benchmark loadgen
LOADGEN_BIN="$(benchmarks_path)/loadgen"
export LOADGEN_BIN

say "unit tests"
swift test --skip-build --disable-xctest

say "integration tests"
COUNTERSIGN_BIN="$(bin_path debug)/countersign"
[ -x "$COUNTERSIGN_BIN" ] || die "$COUNTERSIGN_BIN was not built"
export COUNTERSIGN_BIN
read -r -a options <<<"${PYTEST_ARGS:-}"
cd IntegrationTests || exit
exec .venv/bin/python -m pytest --numprocesses "${PYTEST_WORKERS:-2}" "${options[@]}"
