// swift-tools-version: 6.3

import PackageDescription

let houseSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A module of the product, compiled into this package: what it offers is visible inside one package only.
func product(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Product/\(name)", swiftSettings: houseSettings)
}

let boringSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "_CryptoExtras", package: "swift-crypto")

let package = Package(
    name: "countersign-benchmarks",
    products: [
        .executable(name: "loadgen", targets: ["loadgen"]),
        .executable(name: "routebench", targets: ["routebench"]),
        .executable(name: "hotpath", targets: ["hotpath"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // Exact: the load generator and the product drive the BoringSSL inside this package, which is not a product of it.
        // The public API cannot resume a session on the client's side, and a cheap client leaves more of its core to the
        // backend.
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    ],
    targets: [
        .target(name: "CEpoll"),
        product("CountersignIdentity"),
        product("CountersignJSON"),
        product("CountersignPolicy", ["CountersignIdentity"]),
        product("CountersignRouting", ["CountersignIdentity", "CountersignPolicy"]),
        product("CountersignNATS", ["CountersignJSON"]),
        product("CountersignHTTP1"),
        product("CountersignForwarding", ["CountersignIdentity"]),
        product(
            "CountersignRegistration",
            ["CountersignIdentity", "CountersignJSON", "CountersignPolicy", "CountersignRouting"]
        ),
        .target(name: "CCountersignSystem", path: "Sources/Product/CCountersignSystem"),
        product("CountersignTransport", ["CCountersignSystem"]),
        product(
            "CountersignRewriting",
            [
                "CountersignForwarding", "CountersignHTTP1", "CountersignPolicy", "CountersignRouting",
                "CountersignTransport",
            ]
        ),
        product("CountersignPKI", ["CountersignIdentity", "CountersignJSON", crypto, cryptoExtras]),
        product("CountersignTLS", ["CountersignPKI", "CountersignTransport", boringSSL]),
        .executableTarget(
            name: "routebench",
            dependencies: [
                "CountersignIdentity", "CountersignNATS", "CountersignPolicy", "CountersignRegistration",
                "CountersignRouting",
            ],
            swiftSettings: houseSettings
        ),
        .target(name: "CAllocations"),
        .executableTarget(
            name: "hotpath",
            dependencies: [
                "CAllocations", "CountersignForwarding", "CountersignHTTP1", "CountersignIdentity", "CountersignNATS",
                "CountersignPKI", "CountersignPolicy", "CountersignRegistration", "CountersignRewriting",
                "CountersignRouting", "CountersignTLS", "CountersignTransport",
            ],
            swiftSettings: houseSettings,
            // valgrind stops at debug information that is newer than it.
            linkerSettings: [.linkedLibrary("m"), .unsafeFlags(["-Xlinker", "--strip-debug"])]
        ),
        .executableTarget(
            name: "loadgen",
            dependencies: [
                "CEpoll",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                boringSSL,
            ],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .treatAllWarnings(as: .error),
            ]
        ),
    ]
)
