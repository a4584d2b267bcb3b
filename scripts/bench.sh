#!/usr/bin/env bash
# Compares the router with other proxies, and the authority with cfssl, at the same work, in interleaved rounds on two
# processors.
#
# ROWS               comma-separated: keepalive, http2, http2download, handshake, resumed, download, upload, latency,
#                    idle; of the authority: sign, newcert, inventory, crl
# PEERS              comma-separated: haproxy, nginx, envoy; the rows of the authority have cfssl
# SUBJECT            whom the goals are for: countersign, or a peer to try the comparison itself
# ROUNDS, SECONDS_PER_ROUND
#
# Writes out/bench/ROWS.md and .json. Leave the machine alone meanwhile.
source "$(dirname "$0")/common.sh"

scripts/setup.sh bench
subject="${SUBJECT:-countersign}"
countersign=""
if [ "$subject" = countersign ]; then
    scripts/build.sh release
    countersign="$(bin_path release)/countersign"
fi

say "building the load generator"
swift build --package-path Benchmarks --configuration release --product loadgen
loadgen="$(swift build --package-path Benchmarks --configuration release --show-bin-path)/loadgen"

say "comparing"
output="$ROOT/out/bench"
cd Benchmarks || exit
exec .venv/bin/python -m comparison --rows "${ROWS:-keepalive,handshake}" --peers "${PEERS:-haproxy,nginx,envoy}" \
    --subject "$subject" --rounds "${ROUNDS:-5}" --seconds "${SECONDS_PER_ROUND:-3}" \
    --loadgen "$loadgen" --countersign "$countersign" --output "$output"
