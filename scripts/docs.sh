#!/usr/bin/env bash
# Builds the reference documentation of every module from its comments, warnings being errors, into
# out/docs/Countersign.doccarchive.
source "$(dirname "$0")/common.sh"

scripts/setup.sh docs
need docc "it comes with the Swift toolchain"

say "reading the comments"
swift package dump-symbol-graph --minimum-access-level package --skip-synthesized-members
symbols="$(bin_path debug)/../symbolgraph"

rm -rf out/docs
mkdir -p out/docs/symbols out/docs/modules
for folder in Sources/*/; do
    module="$(basename "$folder")"
    graphs="out/docs/symbols/$module"
    mkdir "$graphs"
    find "$symbols" \( -name "$module.symbols.json" -o -name "$module@*.symbols.json" \) -exec cp {} "$graphs" \;
    if [ -z "$(ls "$graphs")" ]; then
        echo "$module has no Swift interface to document"
        continue
    fi
    catalog=()
    [ ! -d "$folder$module.docc" ] || catalog=("$folder$module.docc")
    say "$module"
    docc convert "${catalog[@]}" --additional-symbol-graph-dir "$graphs" --output-path "out/docs/modules/$module.doccarchive" \
        --fallback-display-name "$module" --fallback-bundle-identifier "$module" --warnings-as-errors
done

docc merge out/docs/modules/*.doccarchive --output-path out/docs/Countersign.doccarchive \
    --synthesized-landing-page-name Countersign
say "out/docs/Countersign.doccarchive (python3 -m http.server -d out/docs/Countersign.doccarchive shows it)"
