#!/usr/bin/env bash
# Compares the router with other proxies, and the authority with cfssl, at the same work, in interleaved rounds on two
# processors.
#
# ROWS               comma-separated, rows or groups of them:
#                    table      generator, keepalive, digest, latency, handshake, newcomer, resumed, download, upload,
#                               http2, http2download, idle, storm, busy, startup, routing; held, sign, newcert
#                    scale      connections, body, loops, held, routes, policies, sources, each a group by itself;
#                               messages
#                    authority  sign, newcert, inventory, crl
#                    all        all of these
# PEERS              comma-separated: haproxy, nginx, envoy, traefik, caddy; the rows of the authority have cfssl
# SUBJECT            whom the goals are for: countersign, or a peer to try the comparison itself
# ROUNDS, SECONDS_PER_ROUND
#
# Writes report.md, report.json and charts into out/bench. Leave the machine alone meanwhile.
source "$(dirname "$0")/common.sh"

scripts/setup.sh bench
subject="${SUBJECT:-countersign}"
wanted=(--rows "${ROWS:-table}" --peers "${PEERS:-haproxy,nginx,envoy,traefik,caddy}" --subject "$subject"
    --rounds "${ROUNDS:-5}" --seconds "${SECONDS_PER_ROUND:-3}")
(cd Benchmarks && .venv/bin/python -m comparison "${wanted[@]}" --check --loadgen none --output none)
countersign=""
if [ "$subject" = countersign ]; then
    scripts/build.sh release
    countersign="$(bin_path release)/countersign"
fi

say "building the load generator"
build_benchmark loadgen routebench
programs="$(benchmarks_path)"

say "comparing"
output="$ROOT/out/bench"
cd Benchmarks || exit
exec .venv/bin/python -m comparison "${wanted[@]}" \
    --loadgen "$programs/loadgen" --routebench "$programs/routebench" --countersign "$countersign" --output "$output"
