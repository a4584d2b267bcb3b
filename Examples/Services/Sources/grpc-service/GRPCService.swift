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

    @Option(help: "The port on loopback; 0 for one of the system's choice.")
    var port = 0

    @Option(
        help: "A SPIFFE ID that callers have to have, which may end in /*; anyone of the trust domain may without it."
    )
    var allow: String?

    @Option(
        help:
            "Seconds after which a connection is ended in order, so that its client comes with its newest certificate."
    )
    var maximumAge: Int64 = 600

    func run() async throws {
        let source = try await identity.source()
        let tls = GRPCServerTLS(source, clients: try allow.map { try .spiffeIDs(parsing: $0) } ?? .anyone)
        let transport = HTTP2ServerTransport.Posix(
            address: .ipv4(host: "127.0.0.1", port: port),
            transportSecurity: try tls.transportSecurity()
        )
        // The interceptor comes first: it refuses callers, and the service below can rely on there being one.
        let server = GRPCServer(transport: transport, services: [Greeter()], interceptors: [tls.interceptor])
        try await withThrowingTaskGroup { group in
            group.addTask { try await followRotations(of: source) }
            group.addTask { try await server.serve() }
            say("listening on \(try await transport.listeningAddress.ipv4?.port ?? 0)")
            try await group.waitForAll()
        }
    }
}

/// Calls the service, as often as is wanted.
struct Call: AsyncParsableCommand {
    @OptionGroup var identity: IdentityOptions

    @Argument(help: "The port on loopback.")
    var port: Int

    @Option(help: "The SPIFFE ID that the server has to have.")
    var server: String

    @Option(help: "How many calls to make.")
    var count = 1

    @Option(help: "Goes on until the own identity has rotated so often.")
    var rotations = 0

    @Option(help: "Seconds that a call may take, the time until there is a connection included.")
    var patience: Int64 = 30

    func run() async throws {
        let source = try await identity.source()
        let expected = try PeerRequirement.spiffeIDs(parsing: server)
        let client = try RotatingGRPCClient(source) { [port] in
            try HTTP2ClientTransport.Posix(
                target: .ipv4(address: "127.0.0.1", port: port),
                transportSecurity: .countersign(source, server: expected)
            )
        }
        var options = CallOptions.defaults
        options.timeout = .seconds(patience)
        try await withThrowingTaskGroup { group in
            group.addTask { try await followRotations(of: source) }
            group.addTask { try await client.run() }
            let first = source.generation
            var made = 0
            while made < count || source.generation - first < rotations {
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
