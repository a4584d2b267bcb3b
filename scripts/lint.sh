#!/usr/bin/env bash
# Formatting, layers, sizes, forbidden words, shell and Python syntax, links: everything that can be judged without a build.
source "$(dirname "$0")/common.sh"

scripts/setup.sh lint
ruff=scripts/.venv/bin/ruff

# Prints the files of a kind, without following links and without what builds left behind: files_named GLOB ROOT...
files_named() {
    local glob="$1" root
    shift
    for root in "$@"; do
        [ ! -e "$root" ] || find "$root" -name '.?*' -prune -o -type f -name "$glob" -print
    done
}

mapfile -t swift_files < <(files_named '*.swift' Package.swift Sources Tests Benchmarks FuzzTesting \
    IntegrationTests Examples)
mapfile -t c_files < <(files_named '*.[ch]' Sources Benchmarks)
mapfile -t shell_files < <(files_named '*.sh' scripts IntegrationTests Benchmarks FuzzTesting)
mapfile -t python_files < <(files_named '*.py' scripts IntegrationTests Benchmarks)
mapfile -t markdown_files < <(files_named '*.md' ./*.md docs Sources Benchmarks FuzzTesting IntegrationTests Examples)

failed=()
check() {
    local name="$1"
    shift
    say "$name"
    "$@" || failed+=("$name")
}

check "format" swift format lint --strict --parallel "${swift_files[@]}"
check "layers" scripts/check-layers.sh
check "sizes" scripts/check-sizes.py "${swift_files[@]}" "${c_files[@]}" "${shell_files[@]}" "${python_files[@]}"
check "words" scripts/check-words.sh
check "shell" shellcheck --external-sources --source-path=SCRIPTDIR "${shell_files[@]}" .ci/run
check "python" "$ruff" check --quiet --force-exclude "${python_files[@]}"
check "python format" "$ruff" format --quiet --diff --force-exclude "${python_files[@]}"
check "links" scripts/check-links.py "${markdown_files[@]}"

[ "${#failed[@]}" -eq 0 ] || die "lint failed: ${failed[*]}"
say "lint passed"
