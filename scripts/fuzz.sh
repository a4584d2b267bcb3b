#!/usr/bin/env bash
# Fuzzes each parser for a bounded time, with the memory sanitizer on: first every input that once failed, then new ones.
#
# FUZZ_SECONDS  how long each target looks for new inputs (default 20)
# FUZZ_TARGETS  which targets, comma-separated (default: all)
#
# FuzzTesting/FailCases/TARGET/     inputs that once failed; each must pass
# FuzzTesting/Seeds/TARGET/         inputs to start from
# FuzzTesting/Dictionaries/TARGET.dict
# out/fuzz/corpus/TARGET/           what the fuzzer found interesting, kept between runs
# out/fuzz/failures/                inputs that failed in this run; move one to FailCases with its fix
source "$(dirname "$0")/common.sh"

scripts/setup.sh fuzz
seconds="${FUZZ_SECONDS:-20}"
[[ "$seconds" =~ ^[1-9][0-9]*$ ]] || die "FUZZ_SECONDS is '$seconds'; it takes a whole number of seconds from 1"

# Not optimised on purpose: an optimiser may drop the very trap that a discarded result would have hit.
build=(swift build --package-path FuzzTesting --sanitize fuzzer --sanitize address -Xswiftc "-sanitize=fuzzer,address")
say "building the fuzz targets"
targets=()
if [ -n "${FUZZ_TARGETS:-}" ]; then
    IFS=, read -r -a targets <<<"$FUZZ_TARGETS"
    for target in "${targets[@]}"; do
        [ -d "FuzzTesting/Sources/$target" ] || die "there is no fuzz target '$target'"
        "${build[@]}" --product "$target"
    done
else
    for folder in FuzzTesting/Sources/Fuzz*/; do
        targets+=("$(basename "$folder")")
    done
    "${build[@]}"
fi
programs="$("${build[@]}" --show-bin-path)"

# The fuzzer writes the failing input and its own report; Swift's back-tracer would get in before it.
export SWIFT_BACKTRACE=enable=no
export ASAN_OPTIONS=detect_leaks=0

replay_failures() {
    local target="$1" cases=()
    mapfile -t cases < <(find "FuzzTesting/FailCases/$target" -type f ! -name '.*' 2>/dev/null | sort)
    [ "${#cases[@]}" -gt 0 ] || return 0
    "$programs/$target" "${cases[@]}" >"out/fuzz/$target.log" 2>&1
}

explore() {
    local target="$1" corpus=("out/fuzz/corpus/$1") options=()
    [ ! -d "FuzzTesting/Seeds/$target" ] || corpus+=("FuzzTesting/Seeds/$target")
    [ ! -f "FuzzTesting/Dictionaries/$target.dict" ] || options+=("-dict=FuzzTesting/Dictionaries/$target.dict")
    mkdir -p "${corpus[0]}" out/fuzz/failures
    "$programs/$target" -max_total_time="$seconds" -max_len=16384 -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="out/fuzz/failures/$target-" "${options[@]}" "${corpus[@]}" \
        >"out/fuzz/$target.log" 2>&1
}

statistic() {
    sed -n "s/^stat::$1: *//p" "out/fuzz/$2.log"
}

mkdir -p out/fuzz
failed=()
for target in "${targets[@]}"; do
    [ -x "$programs/$target" ] || die "$target is not in FuzzTesting/Package.swift"
    say "$target: $seconds s"
    if replay_failures "$target" && explore "$target"; then
        echo "$(statistic number_of_executed_units "$target") inputs," \
            "$(statistic new_units_added "$target") of them new to the corpus, no failure"
    else
        tail -n 40 "out/fuzz/$target.log" >&2
        failed+=("$target")
    fi
done

[ "${#failed[@]}" -eq 0 ] || die "failing inputs are in out/fuzz/failures: ${failed[*]}"
say "${#targets[@]} fuzz targets, no failure"
