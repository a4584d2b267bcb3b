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

    @OptionGroup var serving: ServingOptions

    @OptionGroup var callers: CallerOptions

    func run() async throws {
        let source = try await identity.source()
        let tls = ServerTLS(
            source,
            clients: .required(try callers.requirement),
            handshakeTimeout: .seconds(serving.handshakeTimeout)
        )
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: serving.port) { channel in
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

/// Sends lines, as many as are wanted.
struct Call: AsyncParsableCommand {
    @OptionGroup var identity: IdentityOptions

    @OptionGroup var calling: CallingOptions

    @Flag(help: "Sends all lines over one connection.")
    var keep = false

    func run() async throws {
        let source = try await identity.source()
        let tls = ClientTLS(source, server: try .spiffeIDs(parsing: calling.server))
        try await withThrowingTaskGroup { group in
            group.addTask { try await followRotations(of: source) }
            let first = source.generation
            var sent = 0
            while sent < calling.count || source.generation - first < calling.rotations {
                sent += try await call(tls, source, from: sent)
            }
            say("done: \(sent) answered, \(source.generation - first) rotations")
            group.cancelAll()
        }
    }

    /// Sends a line over a new connection, or over one that is kept all that are wanted.
    private func call(_ tls: ClientTLS, _ source: IdentitySource, from number: Int) async throws -> Int {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: calling.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try tls.addHandlers(to: channel)
                    return try NIOService.Lines(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: "hello \(number)\n"))
            var answered = 0
            for try await reply in inbound {
                if number + answered < 3 { say(String(buffer: reply), terminator: "") }
                answered += 1
                if !keep || number + answered >= calling.count { return answered }
                // To write to a connection that was just closed fails without a reason; what is read next has it.
                try? await outbound.write(ByteBuffer(string: "hello \(number + answered)\n"))
            }
            throw ValidationError("the server ended the connection without an answer")
        }
    }
}
