// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "countersign-benchmarks",
    products: [
        .executable(name: "loadgen", targets: ["loadgen"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Exact: the load generator drives the BoringSSL inside this package, which is not a product of it. The public
        // API cannot resume a session on the client's side, and a cheap client leaves more of its core to the backend.
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    ],
    targets: [
        .target(name: "CEpoll"),
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
