#!/usr/bin/env bash
# The long forms of the tests: hours rather than seconds.
#
# SOAK_SECONDS  how long each fuzz target and each soak test runs (default 600)
source "$(dirname "$0")/common.sh"

export SOAK_SECONDS="${SOAK_SECONDS:-600}"
FUZZ_SECONDS="$SOAK_SECONDS" scripts/fuzz.sh
PYTEST_WORKERS=0 PYTEST_ARGS="-m soak ${PYTEST_ARGS:-}" scripts/test.sh
