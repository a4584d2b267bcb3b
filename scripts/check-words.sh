#!/usr/bin/env bash
# Fails on words that do not belong in the project: traps on input, unexplained escapes from the compiler's checks,
# unfinished work, and paths of one person's machine.
source "$(dirname "$0")/common.sh"

problems=0

# forbid REASON PATTERN FOLDER...: every tracked kind of text file below the folders is searched; comments included.
forbid() {
    local reason="$1" pattern="$2" hits
    shift 2
    hits="$(search "$pattern" "$@")"
    if [ -n "$hits" ]; then
        printf '%s\n  ^ %s\n' "$hits" "$reason" >&2
        problems=$((problems + 1))
    fi
}

search() {
    local pattern="$1"
    shift
    grep -rnIE "$pattern" "$@" --exclude-dir='.*' --exclude-dir=__pycache__ --exclude="$(basename "$0")" || true
}

# explained REASON PATTERN FOLDER...: a hit needs a `// SAFETY:` comment within five lines above it or three below.
explained() {
    local reason="$1" pattern="$2" hit file line first
    shift 2
    while IFS= read -r hit; do
        [ -n "$hit" ] || continue
        file="${hit%%:*}"
        line="${hit#*:}"
        line="${line%%:*}"
        first=$((line > 5 ? line - 5 : 1))
        if ! sed -n "${first},$((line + 3))p" "$file" | grep -q 'SAFETY:'; then
            printf '%s\n  ^ %s\n' "$hit" "$reason" >&2
            problems=$((problems + 1))
        fi
    done <<<"$(search "$pattern" "$@")"
}

existing() {
    local folder
    for folder in "$@"; do
        [ ! -e "$folder" ] || printf '%s\n' "$folder"
    done
}

mapfile -t code < <(existing Sources Benchmarks/Sources FuzzTesting/Sources)
mapfile -t everything < <(existing Sources Tests Benchmarks FuzzTesting IntegrationTests scripts docs Examples \
    .ci Makefile Package.swift ./*.md)

forbid "an error has to be handled, not turned into a crash" '\btry!' "${code[@]}"
forbid "a forced cast crashes on what it did not expect" '\bas!' "${code[@]}"
forbid "a trap on input is a denial of service; throw, or make the state impossible" '\bfatalError\(' "${code[@]}"
forbid "cross-target internals use package access; only a target's own tests may look further" '@testable' "${code[@]}"
forbid "finish it or leave it out" '\b(TODO|FIXME)\b' "${everything[@]}"
forbid "a path of one machine" '(^|[^A-Za-z0-9_./-])/(work|root|home/[a-z]+|Users/[A-Za-z]+|opt/swift)(/|\b)' \
    "${everything[@]}"
explained "say in a // SAFETY: comment beside it why this holds" \
    '@unchecked Sendable|nonisolated\(unsafe\)' "${everything[@]}"

[ "$problems" -eq 0 ] || die "$problems kind(s) of forbidden words"
echo "words: nothing forbidden"
