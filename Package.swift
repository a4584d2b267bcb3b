// swift-tools-version: 6.3

import PackageDescription

/// Settings that every target shares; none of them is an unsafe flag, so that the libraries can be depended on.
let testSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

/// What product code is built with beyond that: every use of unsafe memory is marked.
let houseSettings = testSettings + [.strictMemorySafety()]

/// Modules of this package, their names without the prefix that all of them have.
func own(_ names: String...) -> [Target.Dependency] {
    names.flatMap { $0.split(separator: " ") }.map { .byName(name: "Countersign\($0)") }
}

func layer(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: houseSettings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.byName(name: name), "CountersignTesting"] + dependencies,
        swiftSettings: testSettings
    )
}

let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "_CryptoExtras", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let boringSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")

extension Target.Dependency {
    /// The same dependency, for when a trait is on.
    func when(_ trait: String) -> Target.Dependency {
        guard case .productItem(let name, let package, let aliases, _) = self else { return self }
        return .productItem(name: name, package: package, moduleAliases: aliases, condition: .when(traits: [trait]))
    }
}

/// What services in Swift are made with; those of a framework are empty without its trait.
let libraries = [
    "CountersignService", "CountersignMiddleware", "CountersignNIO", "CountersignHummingbird",
    "CountersignAsyncHTTPClient",
    "CountersignGRPCTransport", "CountersignInboundAudit",
]

/// The revision that is built, which a metric tells.
///
/// Only the C module is compiled with it: a commit rebuilds nothing else.
let commit = Context.gitInformation?.currentCommit.prefix(12) ?? ""

let package = Package(
    name: "countersign",
    products: [.executable(name: "countersign", targets: ["countersign"])]
        + libraries.map { .library(name: $0, targets: [$0]) },
    traits: ["Hummingbird", "AsyncHTTPClient", "GRPC"],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // Exact: CountersignTLS drives the BoringSSL inside this package, which is no product of it and may change with any release.
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),

        // For the traits alone; without them, these are neither fetched nor built.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // L0: pure values and functions; no Foundation, no NIO, no system calls.
        layer("CountersignIdentity"),
        layer("CountersignJSON"),
        layer("CountersignHTTP1"),
        layer("CountersignHTTP2"),
        layer("CountersignProtobuf"),
        layer("CountersignGRPC"),
        layer("CountersignNATS", ["CountersignJSON"]),
        layer("CountersignForwarding", ["CountersignIdentity"]),
        layer("CountersignIdentityMapping", ["CountersignIdentity"]),
        layer("CountersignProxyProtocol"),
        layer("CountersignPolicy", ["CountersignIdentity"]),
        layer("CountersignRouting", ["CountersignIdentity", "CountersignPolicy"]),
        layer("CountersignRegistration", own("Identity JSON Policy Routing")),

        // L1: certificates and issuance; cryptography, no I/O.
        layer("CountersignPKI", ["CountersignIdentity", "CountersignJSON", crypto, cryptoExtras]),

        layer("CountersignTokens", own("Identity JSON PKI") + [crypto]),
        layer("CountersignIssuance", ["CountersignIdentity", "CountersignPKI"]),
        layer("CountersignAuthentication", own("Identity JSON Forwarding IdentityMapping Routing PKI Tokens")),
        layer("CountersignWorkload", own("Identity JSON PKI Protobuf")),
        layer("CountersignControlModel", own("Identity JSON Policy Issuance")),

        // L2: adapters; each owns one kind of I/O. Rewriting has none: it writes into the queues of Transport.
        .target(name: "CCountersignSystem", cSettings: [.define("COUNTERSIGN_COMMIT", to: "\"\(commit)\"")]),
        layer("CountersignTransport", ["CCountersignSystem"]),
        layer("CountersignRewriting", own("HTTP1 Forwarding Policy Routing Transport")),
        layer("CountersignFiles", ["CCountersignSystem", "CountersignTransport"]),
        layer("CountersignTLS", ["CountersignPKI", "CountersignTransport", boringSSL]),
        layer("CountersignHTTPServer", own("HTTP1 PKI Transport TLS")),
        layer("CountersignGRPCServer", own("Protobuf GRPC HTTP2 Transport")),
        layer("CountersignGRPCClient", own("GRPC HTTP2 Transport Workload")),
        layer("CountersignHTTPClient", own("Identity HTTP1 PKI Transport TLS")),
        layer("CountersignNATSClient", own("NATS PKI Transport TLS")),
        layer(
            "CountersignStore",
            own("Identity JSON PKI Issuance ControlModel") + ["CCountersignSystem", crypto, grdb, sqlite]
        ),
        layer("CountersignTelemetry", ["CCountersignSystem", logging]),
        layer("CountersignSpool", own("ProxyProtocol Transport Files")),
        .systemLibrary(name: "CRdKafka", providers: [.apt(["librdkafka-dev"])]),
        layer(
            "CountersignAudit",
            own("JSON Authentication Transport Telemetry Files Spool") + ["CRdKafka", "CCountersignSystem", logging]
        ),
        layer(
            "CountersignConfiguration",
            own("Identity Forwarding IdentityMapping Policy Routing") + [.product(name: "Yams", package: "Yams")]
        ),

        // L3: services.
        layer(
            "CountersignRouter",
            own(
                "Identity HTTP1 HTTP2 Forwarding ProxyProtocol Policy Routing PKI Tokens Transport Rewriting TLS",
                "Telemetry"
            )
                + [logging]
        ),
        layer("CountersignAdmin", own("HTTPServer Transport Telemetry")),
        layer(
            "CountersignAuthz",
            own(
                "Authentication HTTP1 HTTPServer Identity Protobuf GRPC GRPCServer IdentityMapping",
                "Telemetry Transport"
            ) + [logging]
        ),
        layer(
            "CountersignAuthority",
            own("Identity JSON PKI Tokens Issuance Transport TLS HTTPServer HTTPClient Telemetry") + [crypto, logging]
        ),
        layer(
            "CountersignControl",
            own("Identity JSON Policy Routing PKI Issuance ControlModel Transport HTTPServer") + [logging]
        ),
        layer(
            "CountersignAgent",
            own(
                "Identity JSON PKI Tokens Issuance GRPC Protobuf Workload Transport Files TLS HTTPClient",
                "GRPCServer Telemetry"
            ) + ["CCountersignSystem", crypto, logging]
        ),

        layer("CountersignService", own("Identity PKI GRPC Workload Transport Files GRPCClient")),
        layer("CountersignMiddleware", own("Identity IdentityMapping Routing PKI Tokens Authentication Configuration")),

        // L4: what services are made of: identities and middleware for frameworks, and the audit trail, which needs librdkafka.
        layer("CountersignInboundAudit", own("Middleware Audit Telemetry Transport") + [logging]),
        layer("CountersignNIO", ["CountersignService", nioCore, nioTLS, boringSSL]),
        layer(
            "CountersignHummingbird",
            own("Service Middleware NIO") + [
                logging, nioCore.when("Hummingbird"), boringSSL.when("Hummingbird"),
                .product(name: "Hummingbird", package: "hummingbird").when("Hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types").when("Hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle").when("Hummingbird"),
            ]
        ),
        layer(
            "CountersignAsyncHTTPClient",
            [
                "CountersignService", "CountersignNIO", logging, nioCore.when("AsyncHTTPClient"),
                boringSSL.when("AsyncHTTPClient"), nioHTTP1.when("AsyncHTTPClient"),
                .product(name: "AsyncHTTPClient", package: "async-http-client").when("AsyncHTTPClient"),
            ]
        ),
        layer(
            "CountersignGRPCTransport",
            [
                "CountersignService", "CountersignNIO", nioCore.when("GRPC"), boringSSL.when("GRPC"),
                x509.when("GRPC"), asn1.when("GRPC"),
                .product(name: "GRPCCore", package: "grpc-swift-2").when("GRPC"),
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport").when("GRPC"),
                .product(name: "NIOCertificateReloading", package: "swift-nio-extras").when("GRPC"),
            ]
        ),

        // L4: composition and the executable.
        layer(
            "CountersignRuntime",
            own(
                "Identity JSON HTTP1 HTTP2 Forwarding Policy Routing PKI Tokens Transport Files TLS",
                "Telemetry Configuration Rewriting Router Admin HTTPServer HTTPClient NATS NATSClient Registration",
                "Issuance Store Authority ControlModel Control Agent IdentityMapping Authentication Audit",
                "Authz GRPC GRPCServer GRPCClient Workload"
            ) + ["CCountersignSystem", logging]
        ),
        .executableTarget(
            name: "countersign",
            dependencies: own("Configuration JSON Runtime") + [
                .product(name: "ArgumentParser", package: "swift-argument-parser")
            ],
            swiftSettings: houseSettings
        ),

        .target(name: "CountersignTesting", path: "Tests/CountersignTesting", swiftSettings: testSettings),
        tests(of: "CountersignIdentity"),
        tests(of: "CountersignJSON"),
        tests(of: "CountersignHTTP1"),
        tests(of: "CountersignHTTP2", ["CountersignHTTP1"]),
        tests(of: "CountersignProtobuf"),
        tests(of: "CountersignGRPC"),
        tests(of: "CountersignNATS", ["CountersignJSON"]),
        tests(of: "CountersignForwarding", ["CountersignIdentity"]),
        tests(of: "CountersignIdentityMapping", ["CountersignIdentity"]),
        tests(of: "CountersignProxyProtocol"),
        tests(of: "CountersignPolicy", ["CountersignIdentity"]),
        tests(of: "CountersignRouting", ["CountersignIdentity", "CountersignPolicy"]),
        tests(of: "CountersignRegistration", own("Identity Policy Routing")),
        tests(of: "CountersignPKI", ["CountersignIdentity", "CountersignJSON", x509, asn1, crypto, cryptoExtras]),
        tests(of: "CountersignTokens", own("Identity JSON PKI")),
        tests(of: "CountersignIssuance", ["CountersignIdentity", "CountersignPKI"]),
        tests(of: "CountersignAuthentication", own("Identity JSON Forwarding IdentityMapping PKI Routing")),
        tests(of: "CountersignWorkload", own("Identity JSON PKI Protobuf")),
        tests(of: "CountersignStore", own("Identity PKI Policy Issuance ControlModel") + [crypto, grdb]),
        tests(of: "CountersignControlModel", ["CountersignJSON", "CountersignPolicy"]),
        tests(
            of: "CountersignControl",
            own("JSON Policy Issuance ControlModel Store HTTPServer HTTPClient Transport") + [logging]
        ),
        tests(of: "CountersignHTTPServer", own("HTTP1 HTTPClient PKI Transport TLS Identity")),
        tests(of: "CountersignNATSClient", own("NATS PKI Transport TLS")),
        tests(
            of: "CountersignAuthority",
            own("Identity JSON PKI Tokens Issuance Store Transport HTTPServer HTTPClient Telemetry") + [logging]
        ),
        tests(
            of: "CountersignAuthz",
            own("Identity Protobuf Forwarding Authentication HTTPClient Transport Telemetry") + [logging]
        ),
        tests(
            of: "CountersignAgent",
            own("Identity PKI Issuance Transport Files GRPC GRPCClient GRPCServer Workload Telemetry") + [logging]
        ),
        tests(of: "CountersignRewriting", own("HTTP1 Forwarding Policy Routing Transport")),
        tests(of: "CountersignRouter", own("Identity PKI Routing TLS Transport Telemetry")),
        tests(of: "CountersignService", own("Identity PKI Files Workload")),
        tests(of: "CountersignMiddleware", own("Identity JSON PKI Tokens")),
        tests(of: "CountersignInboundAudit", ["CountersignMiddleware"]),
        tests(of: "CountersignTransport"),
        tests(of: "CountersignSpool", ["CountersignTransport"]),
        tests(of: "CountersignAudit", own("Authentication JSON Spool Telemetry Transport") + [logging]),
        tests(of: "CountersignGRPCServer", own("GRPC GRPCClient Protobuf Transport")),
        tests(of: "CountersignFiles", ["CountersignTransport"]),
        tests(of: "CountersignTLS", own("Identity PKI Transport")),
        tests(of: "CountersignTelemetry", [logging]),
        tests(of: "CountersignConfiguration", own("Identity JSON Forwarding IdentityMapping Policy Routing")),
        tests(of: "CountersignRuntime", own("Identity JSON PKI Policy Router Routing Transport") + [logging]),
    ]
)
