#!/usr/bin/env bash
# Sourced by the other scripts: strict mode, the repository's root as working directory, and how to speak and fail.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"

# Prints a heading, so that the steps of a long run can be told apart.
say() {
    printf '\n== %s\n' "$*"
}

# Prints one reason and ends the script. Nothing is ever skipped because a tool is missing.
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# need COMMAND ADVICE: fails with the advice when the command cannot be found.
need() {
    command -v "$1" >/dev/null 2>&1 || die "'$1' is not on PATH: $2"
}

need_swift() {
    need swift "install the Swift 6.3 toolchain (https://www.swift.org/install) and put its usr/bin on PATH"
}

# How code is compiled for a release, of the product and of what measures it. Overlapping accesses that the compiler cannot rule
# out are looked for by the tests, which run builds for debugging; in the data plane looking for them is one instruction in eight.
RELEASE_COMPILER_FLAGS=(-Xswiftc -enforce-exclusivity=unchecked)

# build_benchmark PRODUCT...: builds programs that measure the product, as the product is built.
build_benchmark() {
    local product
    for product in "$@"; do
        swift build --package-path Benchmarks --configuration release "${RELEASE_COMPILER_FLAGS[@]}" --product "$product"
    done
}

# Where build_benchmark leaves its programs.
benchmarks_path() {
    swift build --package-path Benchmarks --configuration release --show-bin-path
}

# Builds the example services, without an index and debug information, which nobody would look at: most of it is the libraries
# that they are made of.
build_examples() {
    # The build looks for new files in the package itself, not in the one beside it that it depends on, unless it plans anew.
    touch Examples/Services/Package.swift
    swift build --package-path Examples/Services --disable-index-store -debug-info-format none
}

# Where `swift build` leaves the products of a configuration: bin_path debug|release.
bin_path() {
    swift build --configuration "$1" --show-bin-path
}
