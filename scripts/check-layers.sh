#!/usr/bin/env bash
# Imports may only point downward. The table below says, for each target, every module that it may import;
# a target that is not in the table fails, so that a new one has to be given its place.
source "$(dirname "$0")/common.sh"

declare -A allowed

# L0: pure values and functions.
allowed[CountersignIdentity]=""
allowed[CountersignJSON]=""
allowed[CountersignHTTP1]=""
allowed[CountersignHTTP2]=""
allowed[CountersignProtobuf]=""
allowed[CountersignGRPC]=""
allowed[CountersignNATS]="CountersignJSON"
allowed[CountersignForwarding]="CountersignIdentity"
allowed[CountersignIdentityMapping]="CountersignIdentity"
allowed[CountersignProxyProtocol]=""
allowed[CountersignPolicy]="CountersignIdentity"
allowed[CountersignRouting]="CountersignIdentity CountersignPolicy"
allowed[CountersignRegistration]="CountersignIdentity CountersignJSON CountersignPolicy CountersignRouting"

# L1: certificates; cryptography, no I/O.
allowed[CountersignPKI]="CountersignIdentity CountersignJSON Crypto _CryptoExtras Synchronization"
allowed[CountersignTokens]="CountersignIdentity CountersignJSON CountersignPKI Crypto Synchronization"
allowed[CountersignIssuance]="CountersignIdentity CountersignPKI Synchronization"
allowed[CountersignAuthentication]="CountersignIdentity CountersignJSON CountersignForwarding CountersignIdentityMapping
    CountersignRouting CountersignPKI CountersignTokens"
allowed[CountersignWorkload]="CountersignIdentity CountersignJSON CountersignPKI CountersignProtobuf"
allowed[CountersignControlModel]="CountersignIdentity CountersignJSON CountersignPolicy CountersignIssuance"

# L2: adapters. The TLS library and the YAML parser are each seen by one target only.
allowed[CCountersignSystem]=""
allowed[CountersignTransport]="CCountersignSystem Glibc Synchronization"
allowed[CountersignRewriting]="CountersignHTTP1 CountersignForwarding CountersignPolicy CountersignRouting CountersignTransport"
allowed[CountersignFiles]="CCountersignSystem CountersignTransport Glibc Synchronization"
allowed[CountersignTLS]="CountersignIdentity CountersignPKI CountersignTransport NIOSSL CNIOBoringSSL Glibc
    Synchronization"
allowed[CountersignHTTPServer]="CountersignHTTP1 CountersignPKI CountersignTransport CountersignTLS Glibc Synchronization"
allowed[CountersignGRPCServer]="CountersignProtobuf CountersignGRPC CountersignHTTP2 CountersignTransport Glibc Synchronization"
allowed[CountersignGRPCClient]="CountersignGRPC CountersignHTTP2 CountersignTransport CountersignWorkload Glibc Synchronization"
allowed[CountersignHTTPClient]="CountersignIdentity CountersignHTTP1 CountersignPKI CountersignTransport CountersignTLS Glibc Synchronization"
allowed[CountersignNATSClient]="CountersignNATS CountersignPKI CountersignTransport CountersignTLS Glibc Synchronization"
allowed[CountersignStore]="CountersignIdentity CountersignJSON CountersignPKI CountersignIssuance CountersignControlModel CCountersignSystem GRDB GRDBSQLite Crypto
    FoundationEssentials Foundation Glibc Synchronization"
allowed[CountersignTelemetry]="CCountersignSystem Logging Glibc Synchronization"
allowed[CountersignSpool]="CountersignProxyProtocol CountersignTransport CountersignFiles Glibc Synchronization"
allowed[CRdKafka]=""
allowed[CountersignAudit]="CRdKafka CCountersignSystem CountersignJSON CountersignAuthentication CountersignTransport CountersignTelemetry
    CountersignFiles CountersignSpool Logging Glibc Synchronization"
allowed[CountersignConfiguration]="CountersignIdentity CountersignForwarding CountersignIdentityMapping CountersignPolicy CountersignRouting Yams
    FoundationEssentials Glibc"

# L3: services. They never import each other.
services="CountersignRouter CountersignAdmin CountersignAuthority CountersignControl CountersignAgent CountersignAuthz"
allowed[CountersignRouter]="CountersignIdentity CountersignHTTP1 CountersignHTTP2 CountersignForwarding CountersignProxyProtocol CountersignPolicy
    CountersignRouting CountersignPKI CountersignTokens CountersignTransport CountersignRewriting CountersignTLS CountersignTelemetry Logging Glibc
    Synchronization"
allowed[CountersignAdmin]="CountersignHTTP1 CountersignHTTPServer CountersignTransport CountersignTelemetry Logging
    Glibc Synchronization"
allowed[CountersignAuthority]="CountersignIdentity CountersignJSON CountersignPKI CountersignTokens CountersignIssuance CountersignTransport
    CountersignTLS CountersignHTTPServer CountersignHTTPClient CountersignTelemetry Crypto Logging
    Glibc Synchronization"
allowed[CountersignControl]="CountersignIdentity CountersignJSON CountersignPolicy CountersignRouting CountersignPKI
    CountersignIssuance CountersignControlModel CountersignTransport CountersignHTTPServer Logging Synchronization"
allowed[CountersignAgent]="CountersignIdentity CountersignJSON CountersignPKI CountersignTokens CountersignIssuance CountersignGRPC CountersignProtobuf CountersignWorkload CountersignTransport
    CountersignFiles CountersignTLS CountersignHTTPClient CountersignGRPCServer CountersignTelemetry CCountersignSystem Crypto Logging Glibc Synchronization"
allowed[CountersignAuthz]="CountersignAuthentication CountersignHTTP1 CountersignHTTPServer CountersignIdentity CountersignIdentityMapping
    CountersignProtobuf CountersignGRPC CountersignGRPCServer CountersignTelemetry CountersignTransport Logging Synchronization"

# What a service in Swift is made of. Identities and checks know neither a framework nor NIO.
allowed[CountersignService]="CountersignIdentity CountersignPKI CountersignGRPC CountersignWorkload CountersignTransport CountersignFiles
    CountersignGRPCClient Glibc Synchronization"
allowed[CountersignMiddleware]="CountersignIdentity CountersignIdentityMapping CountersignRouting CountersignPKI CountersignTokens CountersignAuthentication
    CountersignConfiguration Glibc Synchronization"

# L4: the same for frameworks.
allowed[CountersignInboundAudit]="CountersignMiddleware CountersignAudit CountersignTelemetry CountersignTransport Logging"
allowed[CountersignNIO]="CountersignIdentity CountersignPKI CountersignService NIOCore NIOTLS NIOSSL Synchronization"
allowed[CountersignHummingbird]="CountersignIdentity CountersignService CountersignMiddleware CountersignNIO Hummingbird HummingbirdCore HTTPTypes
    Logging NIOCore NIOSSL ServiceLifecycle"
allowed[CountersignAsyncHTTPClient]="CountersignPKI CountersignService CountersignNIO AsyncHTTPClient Logging NIOCore NIOHTTP1 NIOSSL Synchronization"
allowed[CountersignGRPCTransport]="CountersignPKI CountersignService CountersignNIO GRPCCore GRPCNIOTransportHTTP2Posix NIOCertificateReloading
    NIOCore NIOSSL SwiftASN1 X509 Synchronization"

# L4: composition and the executable.
allowed[CountersignRuntime]="CountersignIdentity CountersignJSON CountersignHTTP1 CountersignHTTP2 CountersignForwarding CountersignPolicy
    CountersignRouting CountersignPKI CountersignTokens CountersignTransport CountersignFiles CountersignTLS CountersignTelemetry
    CountersignConfiguration CountersignRewriting CountersignIssuance CountersignControlModel CountersignStore CountersignHTTPServer CountersignHTTPClient
    CountersignGRPC CountersignGRPCServer CountersignGRPCClient CountersignWorkload CountersignNATS CountersignNATSClient CountersignRegistration CountersignIdentityMapping CountersignAuthentication CountersignAudit $services CCountersignSystem Crypto Logging Foundation Dispatch Glibc
    Synchronization"
allowed[countersign]="CountersignConfiguration CountersignJSON CountersignRuntime ArgumentParser Foundation Glibc"

# Prints `file:line:module` for each import of the Swift files under a folder.
imports_under() {
    local attributes='(@[A-Za-z_]+(\([^)]*\))?[[:space:]]+)*'
    local access='((public|package|internal|fileprivate|private)[[:space:]]+)?'
    local kind='((typealias|struct|class|enum|protocol|let|var|func)[[:space:]]+)?'
    local statement="^[[:space:]]*${attributes}${access}import[[:space:]]+${kind}([A-Za-z_][A-Za-z0-9_]*).*"
    find "$1" -name '*.swift' -print0 |
        xargs -0 -r grep -nHE "$statement" |
        sed -E "s/^([^:]+:[0-9]+):${statement#^}/\1:\8/" || true
}

problems=0
report() {
    printf '%s\n' "$*" >&2
    problems=$((problems + 1))
}

for folder in Sources/*/; do
    target="$(basename "$folder")"
    if [ -z "${allowed[$target]+listed}" ]; then
        report "Sources/$target: not in the table of scripts/check-layers.sh; give it a layer there"
        continue
    fi
    read -r -d '' -a modules <<<"${allowed[$target]}" || true
    while IFS=: read -r file line module; do
        case " ${modules[*]-} " in
        *" $module "*) ;;
        *) report "$file:$line: $target may not import $module (it may: ${modules[*]-nothing})" ;;
        esac
    done < <(imports_under "$folder")
done

# Tests see what their target sees, through its own access levels, and use Swift Testing alone.
while IFS=: read -r file line module; do
    [ "$module" != XCTest ] || report "$file:$line: tests use Swift Testing, not XCTest"
done < <(imports_under Tests)

[ "$problems" -eq 0 ] || die "$problems import(s) break the layers"
echo "layers: every import points downward"
