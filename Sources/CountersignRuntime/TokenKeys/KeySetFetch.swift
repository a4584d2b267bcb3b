import CountersignFiles
import CountersignHTTPClient
import CountersignPKI
import CountersignTLS
import CountersignTokens
import CountersignTransport

/// Asks for an issuer's key set once, and has the file hold it.
struct KeySetFetch: Sendable {
    /// Why there are no new keys.
    struct Failure: Error {
        /// The reason in words.
        let description: String
    }

    let source: FollowedKeySet.Source

    /// Fetches the keys and writes them down; readers of the file see the former keys or these, whole.
    ///
    /// - Returns: whether anything changed, and how many keys there are.
    /// - Throws: ``Failure``; the file is as it was.
    func run() throws(Failure) -> (isChange: Bool, keys: Int) {
        let body = try fetch()
        let keys: JSONWebKeySet
        do throws(PKIError) {
            keys = try JSONWebKeySet(parsing: body)
        } catch {
            throw Failure(description: "\(source.url): \(error.message)")
        }
        // An issuer that lost its keys by accident would otherwise have all of its tokens refused.
        guard !keys.keys.isEmpty else {
            let reason = keys.ignored.first.map { ": \($0)" } ?? ""
            throw Failure(description: "\(source.url): the key set has no key for verifying tokens\(reason)")
        }
        let former = try? FileContent.read(source.path, maximumBytes: JSONWebKeySet.maximumSize)
        guard former?.bytes != body else { return (false, keys.keys.count) }
        do throws(SystemError) {
            try AtomicFile.write(body, to: source.path, mode: 0o644)
        } catch {
            throw Failure(description: error.description)
        }
        return (true, keys.keys.count)
    }

    private func fetch() throws(Failure) -> [UInt8] {
        do {
            var endpoint = try HTTPEndpoint(url: source.url)
            let path = endpoint.basePath.isEmpty ? "/" : endpoint.basePath
            endpoint.basePath = ""
            let tls = endpoint.isSecure ? try tls(endpoint) : nil
            let client = HTTPClient(endpoint, tls: tls, settings: Self.settings)
            defer { client.close() }
            return try client.request("GET", path, within: .seconds(10)).requireSuccess().body
        } catch {
            throw Failure(description: "\(source.url): \(error)")
        }
    }

    private func tls(_ endpoint: HTTPEndpoint) throws -> ClientTLS {
        let trust = try TrustStore(derCertificates: source.authoritiesDER)
        return try ClientTLS(
            verifier: ChainVerifier(trust: trust, purpose: .server),
            expecting: try endpoint.peerName()
        )
    }

    private static var settings: HTTPClientSettings {
        var settings = HTTPClientSettings()
        settings.maximumBody = JSONWebKeySet.maximumSize
        return settings
    }
}
