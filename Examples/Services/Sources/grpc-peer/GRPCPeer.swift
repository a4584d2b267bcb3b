import ArgumentParser

/// A gRPC service and its client.
@main
struct GRPCPeer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grpc-peer",
        abstract: "A gRPC service and its client, for the tests.",
        subcommands: [Serve.self, Call.self]
    )
}
