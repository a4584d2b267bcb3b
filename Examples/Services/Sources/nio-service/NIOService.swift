import ArgumentParser
import CountersignNIO
import ExampleIdentity
import Foundation
import NIOCore
import NIOPosix

/// A server and a client of lines over mutual TLS, on NIO alone.
@main
struct NIOService: AsyncParsableCommand {
    static let configuration = CommandConfiguration(subcommands: [Serve.self, Call.self])

    /// A channel as its users see it: bytes of both directions.
    typealias Lines = NIOAsyncChannel<ByteBuffer, ByteBuffer>
}

/// Answers each piece of text with the name of who sent it.
struct Serve: AsyncParsableCommand {
    @OptionGroup var identity: IdentityOptions

    @Option(help: "The port on loopback; 0 for one of the system's choice.")
    var port = 0

    @Option(
        help: "A SPIFFE ID that callers have to have, which may end in /*; anyone of the trust domain may without it."
    )
    var allow: String?

    func run() async throws {
        let source = try await identity.source()
        let tls = ServerTLS(source, clients: .required(try allow.map { try .spiffeIDs(parsing: $0) } ?? .anyone))
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Before all other handlers: what they see is what TLS lets through.
                    try tls.addHandlers(to: channel)
                    return try NIOService.Lines(wrappingChannelSynchronously: channel)
                }
            }
        say("listening on \(server.channel.localAddress?.port ?? 0)")
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await followRotations(of: source) }
            try await server.executeThenClose { connections in
                for try await connection in connections {
                    group.addTask { await answer(connection) }
                }
            }
        }
    }

    private func answer(_ connection: NIOService.Lines) async {
        do {
            try await connection.executeThenClose { inbound, outbound in
                for try await text in inbound {
                    // Judged again for each: a connection can outlast what its handshake relied upon.
                    let peer = try await connection.channel.countersignPeer().get()
                    guard case .success(let caller) = peer?.judgedNow() else { return }
                    let name = caller.identity.spiffeID?.description ?? caller.subjectRFC2253
                    say("text of \(name)")
                    try await outbound.write(ByteBuffer(string: "\(name) said \(String(buffer: text))"))
                }
            }
        } catch {
            say("connection ended: \(error)")
        }
    }
}

/// Sends a line over a new connection, as often as is wanted.
struct Call: AsyncParsableCommand {
    @OptionGroup var identity: IdentityOptions

    @Argument(help: "The port on loopback.")
    var port: Int

    @Option(help: "The SPIFFE ID that the server has to have.")
    var server: String

    @Option(help: "How many lines to send.")
    var count = 1

    @Option(help: "Goes on until the own identity has rotated so often.")
    var rotations = 0

    func run() async throws {
        let source = try await identity.source()
        let tls = ClientTLS(source, server: try .spiffeIDs(parsing: server))
        try await withThrowingTaskGroup { group in
            group.addTask { try await followRotations(of: source) }
            let first = source.generation
            var sent = 0
            while sent < count || source.generation - first < rotations {
                let reply = try await send("hello \(sent)\n", tls)
                if sent < 3 { say(reply, terminator: "") }
                sent += 1
            }
            say("done: \(sent) answered, \(source.generation - first) rotations")
            group.cancelAll()
        }
    }

    private func send(_ line: String, _ tls: ClientTLS) async throws -> String {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try tls.addHandlers(to: channel)
                    return try NIOService.Lines(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: line))
            for try await reply in inbound { return String(buffer: reply) }
            throw ValidationError("the server ended the connection without an answer")
        }
    }
}
