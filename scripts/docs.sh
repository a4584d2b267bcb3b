#!/usr/bin/env bash
# Builds the reference documentation of every module from its comments, warnings being errors, into
# out/docs/Countersign.doccarchive.
source "$(dirname "$0")/common.sh"

scripts/setup.sh docs
need docc "it comes with the Swift toolchain"

say "building"
swift build
say "reading the comments"
rm -rf out/docs
mkdir -p out/docs/modules
# What is behind a trait is not in the build above; the examples turn all of them on.
build_examples
scripts/symbol-graphs.py out/docs/symbols .build/debug.yaml Examples/Services/.build/debug.yaml

failed=()
for graphs in out/docs/symbols/*/; do
    module="$(basename "$graphs")"
    catalog=()
    [ ! -d "Sources/$module/$module.docc" ] || catalog=("Sources/$module/$module.docc")
    say "$module"
    docc convert "${catalog[@]}" --additional-symbol-graph-dir "$graphs" --output-path "out/docs/modules/$module.doccarchive" \
        --fallback-display-name "$module" --fallback-bundle-identifier "$module" --warnings-as-errors ||
        failed+=("$module")
done
[ "${#failed[@]}" -eq 0 ] || die "what these modules say about themselves is incomplete: ${failed[*]}"

docc merge out/docs/modules/*.doccarchive --output-path out/docs/Countersign.doccarchive \
    --synthesized-landing-page-name Countersign
say "out/docs/Countersign.doccarchive (python3 -m http.server -d out/docs/Countersign.doccarchive shows it)"
