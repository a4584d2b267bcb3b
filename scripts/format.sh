#!/usr/bin/env bash
# Formats every Swift and Python file in place, as `make lint` wants it.
source "$(dirname "$0")/common.sh"

scripts/setup.sh lint
for folder in Sources Tests Benchmarks/Sources FuzzTesting Examples; do
    [ -d "$folder" ] || continue
    find "$folder" -name '.?*' -prune -o -type f -name '*.swift' -print0
done | xargs -0 -r swift format format --in-place --parallel Package.swift
scripts/.venv/bin/ruff format --quiet scripts Benchmarks IntegrationTests
