// swift-tools-version: 6.3

import PackageDescription

// Fuzz targets for everything that reads bytes of others. The product's own modules are compiled into this package
// (Sources/Product leads to the product's sources), because the parsers are visible inside one package only, and
// because the fuzzer needs them built with coverage instrumentation. `make fuzz` builds and runs all of it.

let houseSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
]

func product(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        path: "Sources/Product/\(name)",
        swiftSettings: houseSettings
    )
}

/// A program whose `main` is the fuzzer's and whose one function is `LLVMFuzzerTestOneInput`.
func fuzz(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        swiftSettings: houseSettings + [.unsafeFlags(["-parse-as-library"])]
    )
}

let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "_CryptoExtras", package: "swift-crypto")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "countersign-fuzz",
    dependencies: [
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        product("CountersignIdentity"),
        product("CountersignJSON"),
        product("CountersignHTTP1"),
        product("CountersignHTTP2"),
        product("CountersignNATS", ["CountersignJSON"]),
        product("CountersignForwarding", ["CountersignIdentity"]),
        product("CountersignProxyProtocol"),
        product("CountersignPolicy", ["CountersignIdentity"]),
        product("CountersignRouting", ["CountersignIdentity", "CountersignPolicy"]),
        product(
            "CountersignRegistration",
            ["CountersignIdentity", "CountersignJSON", "CountersignPolicy", "CountersignRouting"]
        ),
        product("CountersignPKI", ["CountersignIdentity", "CountersignJSON", crypto, cryptoExtras]),
        product("CountersignTokens", ["CountersignIdentity", "CountersignJSON", "CountersignPKI", crypto]),
        .target(name: "CCountersignSystem", path: "Sources/Product/CCountersignSystem"),
        product("CountersignTransport", ["CCountersignSystem"]),
        product("CountersignFiles", ["CCountersignSystem", "CountersignTransport"]),
        product("CountersignSpool", ["CountersignProxyProtocol", "CountersignTransport", "CountersignFiles"]),
        product(
            "CountersignConfiguration",
            ["CountersignIdentity", "CountersignForwarding", "CountersignPolicy", "CountersignRouting", yams]
        ),

        fuzz("FuzzHTTP1Head", ["CountersignHTTP1"]),
        fuzz("FuzzChunked", ["CountersignHTTP1"]),
        fuzz("FuzzHTTP2", ["CountersignHTTP1", "CountersignHTTP2"]),
        fuzz("FuzzProxyHeader", ["CountersignProxyProtocol"]),
        fuzz("FuzzXFCC", ["CountersignForwarding", "CountersignIdentity"]),
        fuzz("FuzzForwardedHeaders", ["CountersignForwarding", "CountersignIdentity"]),
        fuzz("FuzzSPIFFEID", ["CountersignIdentity"]),
        fuzz("FuzzDistinguishedName", ["CountersignIdentity"]),
        fuzz("FuzzConfiguration", ["CountersignConfiguration"]),
        fuzz("FuzzSpool", ["CountersignSpool"]),
        fuzz("FuzzNATS", ["CountersignNATS"]),
        fuzz("FuzzRegistration", ["CountersignJSON", "CountersignRegistration", "CountersignRouting"]),
        fuzz("FuzzPEM", ["CountersignPKI"]),
        fuzz("FuzzToken", ["CountersignJSON", "CountersignPKI", "CountersignTokens"]),
        fuzz("FuzzCertificate", ["CountersignIdentity", "CountersignPKI", asn1]),
        // Takes the one file that it is about by a link: the whole target would bring a TLS library along.
        fuzz("FuzzClientHello", []),
    ]
)
