import ArgumentParser
import AsyncHTTPClient
import CountersignAsyncHTTPClient
import CountersignHummingbird
import ExampleIdentity
import Foundation
import NIOCore
import NIOHTTP1

/// Whose tokens are good, and where the issuer's keys come from: an authority has another one every week, so they are followed.
struct TokenOptions: ParsableArguments, Sendable {
    @Option(
        help:
            "A JSON Web Key Set that tokens are verified by: a file, or an https:// URL that the identity is shown to."
    )
    var jwks: String?

    @Option(help: "The SPIFFE ID that the server of the URL has to have; its host name counts without it.")
    var jwksServer: String?

    @Option(help: "Seconds between two looks at the key set.")
    var jwksInterval: Int64 = 300

    @Option(help: "Who issues the tokens.")
    var issuer: String?

    @Option(help: "Whom the tokens have to be for.")
    var audience = "example"

    @Option(help: "Which tokens they are: service, svid or bearer.")
    var tokenKind = "bearer"

    func validate() throws {
        _ = try expectedServer
        guard TokenIssuer.Kind(rawValue: tokenKind) != nil else { throw ValidationError("no such --token-kind") }
    }

    private var expectedServer: ExpectedServer {
        get throws { try jwksServer.map { ExpectedServer.peer(try .spiffeIDs(parsing: $0)) } ?? .hostOfURL }
    }

    private var isPublished: Bool { jwks?.hasPrefix("https://") ?? false }

    /// Whose tokens are good; nil when none are, as until the first keys have been fetched.
    ///
    /// - Parameter trustDomain: the own one, which the subjects of JWT-SVIDs have to be of.
    func tokens(in trustDomain: String?) throws -> TokenIssuer? {
        guard let jwks, let kind = TokenIssuer.Kind(rawValue: tokenKind) else { return nil }
        let keys = isPublished ? TokenKeys() : try TokenKeys(read(jwks))
        return TokenIssuer(
            keys: keys,
            issuer: issuer,
            audiences: [audience],
            kind: kind,
            trustDomain: kind == .svid ? trustDomain : nil
        )
    }

    /// Keeps the keys up to date until the task is cancelled.
    func follow(_ keys: TokenKeys, _ source: IdentitySource) async throws {
        guard let jwks else { return }
        let interval = Duration.seconds(jwksInterval)
        guard isPublished else {
            await keys.follow(every: interval, fetching: { try read(jwks) }, telling: told)
            return
        }
        let client = MTLSClient(source, server: try expectedServer)
        await keys.follow(every: interval, fetching: { try await fetch(jwks, client) }, telling: told)
        try await client.shutdown()
    }
}

private func read(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

private func fetch(_ url: String, _ client: MTLSClient) async throws -> [UInt8] {
    let response = try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(10))
    guard response.status == .ok else { throw NoKeys(status: response.status.code) }
    return Array(buffer: try await response.body.collect(upTo: 256 * 1_024))
}

@Sendable private func told(_ event: TokenKeysEvent) {
    switch event {
    case .replaced(let names): say("token keys \(names.joined(separator: " "))")
    case .failed(let error): say("token keys are not fetched: \(error)")
    }
}

/// The issuer answered, and not with keys.
private struct NoKeys: Error {
    var status: UInt
}
