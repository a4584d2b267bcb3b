import CountersignHTTPClient
import CountersignPKI
import CountersignTLS

/// The feed of a control plane, over mutual TLS.
final class HTTPControlSource: Sendable {
    private let client: HTTPClient

    /// Prepares the connections; none is made yet.
    ///
    /// - Throws: `HTTPClientError` or `TLSError` when the URL or the certificate cannot be used.
    init(_ plan: ControlFeedPlan) throws {
        let endpoint = try HTTPEndpoint(url: plan.authority)
        var settings = HTTPClientSettings()
        // A route with ten thousand policies is one line of half a megabyte.
        settings.maximumLine = 64 * 1024 * 1024
        self.client = HTTPClient(
            endpoint,
            tls: try ClientTLS(
                verifier: ChainVerifier(trust: plan.trust, purpose: .server),
                expecting: plan.expected,
                identity: plan.identity
            ),
            settings: settings
        )
    }

    /// Opens the feed after what is known; everything where that is nothing.
    ///
    /// - Throws: ``RevocationSourceError`` with the status of a refusal.
    func stream(after known: (epoch: String, sequence: Int64)?) throws(RevocationSourceError) -> ClientStream {
        let query = known.map { "?after=\($0.sequence)&epoch=\(AdminQuery.encoded($0.epoch))" } ?? ""
        let stream: ClientStream
        do throws(HTTPClientError) {
            stream = try client.openStream("GET", "/v1/routing/stream\(query)", within: .seconds(10))
        } catch {
            throw RevocationSourceError(error)
        }
        let status = stream.response.status
        guard status == 200 else {
            stream.cancel()
            throw RevocationSourceError(isRefusal: true, description: "the authority answered with status \(status)")
        }
        return stream
    }

    func close() {
        client.close()
    }
}
