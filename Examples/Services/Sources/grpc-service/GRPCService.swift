import ArgumentParser
import CountersignGRPCTransport
import ExampleIdentity
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// A gRPC service and its client over mutual TLS; messages are plain text, so that no code is generated.
@main
struct GRPCService: AsyncParsableCommand {
    static let configuration = CommandConfiguration(subcommands: [Serve.self, Call.self])
}

/// Tells callers who they are.
struct Serve: AsyncParsableCommand {
    @OptionGroup var identity: IdentityOptions

    @OptionGroup var serving: ServingOptions

    @OptionGroup var callers: CallerOptions

    @Option(
        help:
            "Seconds after which a connection is ended in order, so that its client comes with its newest certificate."
    )
    var maximumAge: Int64 = 600

    func run() async throws {
        let source = try await identity.source()
        let tls = GRPCServerTLS(
            source,
            clients: try callers.requirement,
            handshakeTimeout: .seconds(serving.handshakeTimeout)
        )
        // The service below can rely on there being a caller: the server refuses others.
        let server = try tls.server(
            at: .ipv4(host: "127.0.0.1", port: serving.port),
            config: .defaults { $0.connection.maxAge = .seconds(maximumAge) },
            services: [Greeter()]
        )
        try await withThrowingTaskGroup { group in
            group.addTask { try await followRotations(of: source) }
            group.addTask { try await server.serve() }
            say("listening on \(try await server.listeningAddress?.ipv4?.port ?? 0)")
            try await group.waitForAll()
        }
    }
}

/// Calls the service, as often as is wanted.
struct Call: AsyncParsableCommand {
    @OptionGroup var identity: IdentityOptions

    @OptionGroup var calling: CallingOptions

    @Option(help: "Seconds that a call may take, the time until there is a connection included.")
    var patience: Int64 = 30

    @Option(help: "Connects only when the own identity has rotated so often, and the client has gone over to it.")
    var connectAfter = 0

    func run() async throws {
        let source = try await identity.source()
        let tls = GRPCClientTLS(source, server: try .spiffeIDs(parsing: calling.server))
        let client = try RotatingGRPCClient(tls) { [port = calling.port] in
            try $0.transport(to: .ipv4(address: "127.0.0.1", port: port))
        }
        var options = CallOptions.defaults
        options.timeout = .seconds(patience)
        try await withThrowingTaskGroup { group in
            let (first, events) = (source.generation, source.events)
            group.addTask { try await followRotations(of: source) }
            if connectAfter > 0 {
                for await _ in events where source.generation - first >= connectAfter { break }
                // The transport that the client began with is done with before it was ever run.
                try await client.withClient { _ in }
            }
            group.addTask { try await client.run() }
            var made = 0
            while made < calling.count || source.generation - first < calling.rotations {
                let text = Text("call \(made)")
                let reply = try await client.withClient { [options] client in
                    try await client.unary(
                        request: ClientRequest(message: text),
                        descriptor: Greeter.method,
                        serializer: TextCoding(),
                        deserializer: TextCoding(),
                        options: options
                    ) { try $0.message }
                }
                if made < 3 { say(reply.value) }
                made += 1
            }
            say("done: \(made) answered, \(source.generation - first) rotations")
            group.cancelAll()
        }
    }
}

/// Greets the caller by the name of its certificate.
struct Greeter: RegistrableRPCService {
    static let method = MethodDescriptor(
        service: ServiceDescriptor(fullyQualifiedService: "example.Greeter"),
        method: "Greet"
    )

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerHandler(
            forMethod: Self.method,
            deserializer: TextCoding(),
            serializer: TextCoding()
        ) { request, _ in
            let text = try await ServerRequest(stream: request).message
            let caller = GRPCPeer.current?.identity.spiffeID?.description ?? "nobody"
            say("call of \(caller)")
            return StreamingServerResponse(single: ServerResponse(message: Text("\(caller) said \(text.value)")))
        }
    }
}

/// A message.
struct Text: Sendable {
    let value: String

    init(_ value: String) {
        self.value = value
    }
}

/// Reads and writes a message as UTF-8.
struct TextCoding: MessageSerializer, MessageDeserializer {
    func serialize<Contents: GRPCContiguousBytes>(_ message: Text) throws -> Contents {
        Contents(Array(message.value.utf8))
    }

    func deserialize<Contents: GRPCContiguousBytes>(_ contents: Contents) throws -> Text {
        contents.withUnsafeBytes { Text(String(decoding: $0, as: UTF8.self)) }
    }
}
