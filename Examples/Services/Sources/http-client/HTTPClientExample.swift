import ArgumentParser
import AsyncHTTPClient
import CountersignAsyncHTTPClient
import ExampleIdentity
import Foundation
import NIOCore
import NIOHTTP1

/// Calls a service again and again with an identity that rotates, and tells how often that went wrong.
@main
struct HTTPClientExample: AsyncParsableCommand {
    @OptionGroup var identity: IdentityOptions

    @Argument(help: "What to get, such as https://localhost:8443/hello.")
    var url: String

    @Option(help: "The SPIFFE ID that the server has to have; its host name counts without it.")
    var server: String?

    @Option(help: "How many requests to make.")
    var count = 1

    @Option(help: "Goes on until the own identity has rotated so often.")
    var rotations = 0

    @Option(help: "Seconds until a server that cannot be connected to is given up.")
    var patience: Int64 = 10

    @Option(help: "Ends when so many requests have failed; goes on without it.")
    var failures: Int?

    @Flag(help: "Speaks plain HTTP to an endpoint that has no TLS: for development alone.")
    var allowFallback = false

    func run() async throws {
        let source = try await identity.source()
        let expected = try server.map { ExpectedServer.peer(try .spiffeIDs(parsing: $0)) } ?? .hostOfURL
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(patience)
        let client = MTLSClient(
            source,
            server: expected,
            configuration: configuration,
            fallback: allowFallback ? .allowed { say("in the clear: \($0)") } : .never
        )
        let outcome = try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask {
                try await followRotations(of: source)
                return nil
            }
            group.addTask { await call(client, source) }
            let outcome = try await group.next()
            group.cancelAll()
            return outcome ?? nil
        }
        try await client.shutdown()
        guard let outcome else { return }
        say("done: \(outcome.answered) answered, \(outcome.failed) failed, \(outcome.rotations) rotations")
        if allowFallback { say("\(client.fallbackCount) requests went in the clear") }
        if outcome.failed > 0 { throw ExitCode.failure }
    }

    private func call(_ client: MTLSClient, _ source: IdentitySource) async -> Outcome {
        let first = source.generation
        var outcome = Outcome()
        while !Task.isCancelled, outcome.total < count || outcome.rotations < rotations {
            if let failures, outcome.failed >= failures { break }
            do {
                let response = try await client.execute(HTTPClientRequest(url: url))
                let body = try await response.body.collect(upTo: 64 * 1_024)
                if outcome.total < 3 || outcome.failed > 0 {
                    say("\(response.status.code) \(String(buffer: body))", terminator: "")
                }
                if response.status == .ok { outcome.answered += 1 } else { outcome.failed += 1 }
            } catch {
                say("failed: \(error)")
                outcome.failed += 1
            }
            outcome.rotations = Int(source.generation - first)
        }
        return outcome
    }
}

/// What came of all requests.
struct Outcome: Sendable {
    var answered = 0
    var failed = 0
    var rotations = 0

    var total: Int { answered + failed }
}
