// swift-tools-version: 6.3

import PackageDescription

let houseSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// For C in what valgrind counts, which stops at debug information that is newer than this.
let countedSettings: [CSetting] = [.unsafeFlags(["-gdwarf-4"])]

/// A module of the product, compiled into this package: what it offers is visible inside one package only.
func product(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Product/\(name)", swiftSettings: houseSettings)
}

let package = Package(
    name: "countersign-benchmarks",
    products: [
        .executable(name: "loadgen", targets: ["loadgen"]),
        .executable(name: "routebench", targets: ["routebench"]),
        .executable(name: "hotpath", targets: ["hotpath"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Exact: the load generator drives the BoringSSL inside this package, which is not a product of it. The public
        // API cannot resume a session on the client's side, and a cheap client leaves more of its core to the backend.
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
        .target(
            name: "CCountersignSystem",
            path: "Sources/Product/CCountersignSystem",
            cSettings: countedSettings
        ),
        product("CountersignTransport", ["CCountersignSystem"]),
        product(
            "CountersignRewriting",
            [
                "CountersignForwarding", "CountersignHTTP1", "CountersignPolicy", "CountersignRouting",
                "CountersignTransport",
            ]
        ),
        .executableTarget(
            name: "routebench",
            dependencies: [
                "CountersignIdentity", "CountersignNATS", "CountersignPolicy", "CountersignRegistration",
                "CountersignRouting",
            ],
            swiftSettings: houseSettings
        ),
        .target(name: "CAllocations", cSettings: countedSettings),
        .executableTarget(
            name: "hotpath",
            dependencies: [
                "CAllocations", "CountersignForwarding", "CountersignHTTP1", "CountersignIdentity", "CountersignNATS",
                "CountersignPolicy", "CountersignRegistration", "CountersignRewriting", "CountersignRouting",
                "CountersignTransport",
            ],
            swiftSettings: houseSettings,
            linkerSettings: [.linkedLibrary("m")]
        ),
        .executableTarget(
            name: "loadgen",
            dependencies: [
                "CEpoll",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
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
