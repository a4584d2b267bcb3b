#!/usr/bin/env bash
# Builds the `countersign` binary.
#
# Usage: scripts/build.sh debug|release
# RELEASE_FLAGS  more options for `swift build` in a release, split at spaces
source "$(dirname "$0")/common.sh"

scripts/setup.sh build
configuration="${1:-release}"
flags=()
if [ "$configuration" = release ]; then
    read -r -a flags <<<"${RELEASE_FLAGS:-}"
    flags+=("${RELEASE_COMPILER_FLAGS[@]}")
    # The manifest names the revision that is built, and one from before the last commit would name another.
    flags+=(--manifest-cache none)
fi
say "building countersign ($configuration)"
swift build --configuration "$configuration" --product countersign "${flags[@]}"
