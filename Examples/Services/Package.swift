// swift-tools-version: 6.3

import PackageDescription

// Programs to learn from: each is a service or a client of the mesh on another framework. `grpc-peer` is none of them; the
// integration tests call it and are called by it, and it is here so that grpc-swift is built once.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies + [arguments], swiftSettings: settings)
}

func countersign(_ name: String) -> Target.Dependency { .product(name: name, package: "countersign") }

let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let grpcCore = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcTransport = Target.Dependency.product(
    name: "GRPCNIOTransportHTTP2Posix",
    package: "grpc-swift-nio-transport"
)

let package = Package(
    name: "services",
    products: [
        .executable(name: "nio-service", targets: ["nio-service"]),
        .executable(name: "redis-client", targets: ["redis-client"]),
        .executable(name: "hummingbird-service", targets: ["hummingbird-service"]),
        .executable(name: "http-client", targets: ["http-client"]),
        .executable(name: "grpc-service", targets: ["grpc-service"]),
        .executable(name: "grpc-peer", targets: ["grpc-peer"]),
    ],
    dependencies: [
        // Elsewhere by its URL. Each framework is behind a trait, so that a service builds the one that it is made with.
        .package(name: "countersign", path: "../..", traits: ["Hummingbird", "AsyncHTTPClient", "GRPC"]),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        .target(
            name: "ExampleIdentity",
            dependencies: [countersign("CountersignService"), arguments],
            swiftSettings: settings
        ),
        program("nio-service", ["ExampleIdentity", countersign("CountersignNIO"), nioCore, nioPosix]),
        .executableTarget(
            name: "redis-client",
            dependencies: [countersign("CountersignNIO"), nioCore, nioPosix],
            swiftSettings: settings
        ),
        program(
            "hummingbird-service",
            [
                "ExampleIdentity", countersign("CountersignHummingbird"), countersign("CountersignInboundAudit"),
                countersign("CountersignAsyncHTTPClient"), nioCore, nioHTTP1,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ]
        ),
        program(
            "http-client",
            [
                "ExampleIdentity", countersign("CountersignAsyncHTTPClient"), nioCore, nioHTTP1,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ]
        ),
        program(
            "grpc-service",
            ["ExampleIdentity", countersign("CountersignGRPCTransport"), grpcCore, grpcTransport]
        ),
        program("grpc-peer", [grpcCore, grpcTransport]),
    ]
)
