#!/usr/bin/env bash
# The main job: builds the release binary, shows the four outcomes of `countersign dev` as a new user would try them,
# and, on a terminal, goes on serving until Ctrl-C.
source "$(dirname "$0")/common.sh"

scripts/setup.sh run
scripts/build.sh release
countersign="$(bin_path release)/countersign"

say "countersign dev --demo"
"$countersign" dev --demo

if [ -t 0 ] && [ -t 1 ] && [ -z "${CI:-}" ]; then
    say "countersign dev (Ctrl-C ends it)"
    exec "$countersign" dev
fi
