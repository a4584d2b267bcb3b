import CountersignHTTPClient
import CountersignPKI
import CountersignTLS

/// The native API of an authority as a source of revocations, over mutual TLS.
final class HTTPRevocationSource: RevocationSource {
    private let client: HTTPClient

    /// Prepares the connections; none is made yet.
    ///
    /// - Throws: ``HTTPClientError`` or ``TLSError`` when the URL or the certificate cannot be used.
    init(_ feed: RevocationFeed) throws {
        let endpoint = try HTTPEndpoint(url: feed.authority)
        var settings = HTTPClientSettings()
        // A snapshot is one line, or one body, of about 200 bytes for each revoked certificate.
        settings.maximumLine = Self.maximumSnapshot
        settings.maximumBody = Self.maximumSnapshot
        self.client = HTTPClient(
            endpoint,
            tls: try ClientTLS(
                verifier: ChainVerifier(trust: feed.trust, purpose: .server),
                expecting: feed.expected,
                identity: feed.identity
            ),
            settings: settings
        )
    }

    func stream(after sequence: Int64, epoch: String?) throws(RevocationSourceError) -> any RevocationStream {
        let stream: ClientStream
        do throws(HTTPClientError) {
            let path = Self.path("/v1/revocations/stream", sequence, epoch)
            stream = try client.openStream("GET", path, within: Self.answerTime)
        } catch {
            throw RevocationSourceError(error)
        }
        let status = stream.response.status
        guard status == 200 else {
            stream.cancel()
            throw RevocationSourceError(isRefusal: true, description: "no stream is offered: status \(status)")
        }
        return HTTPRevocationStream(stream: stream)
    }

    func poll(after sequence: Int64, epoch: String?) throws(RevocationSourceError) -> [UInt8] {
        do throws(HTTPClientError) {
            let path = Self.path("/v1/revocations", sequence, epoch)
            return try client.request("GET", path, within: Self.answerTime).requireSuccess().body
        } catch {
            throw RevocationSourceError(error)
        }
    }

    func close() {
        client.close()
    }

    private static func path(_ path: String, _ sequence: Int64, _ epoch: String?) -> String {
        // Epochs are the authority's own words; what a query could not carry as it is asks for everything instead.
        let isPlain = epoch?.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
            default: false
            }
        }
        guard let epoch, isPlain ?? false else { return "\(path)?after=0" }
        return "\(path)?after=\(sequence)&epoch=\(epoch)"
    }

    private static let answerTime = Duration.seconds(10)
    private static let maximumSnapshot = 256 * 1024 * 1024
}

/// An open answer of the authority.
private struct HTTPRevocationStream: RevocationStream {
    let stream: ClientStream

    func nextLine(within silence: Duration) throws(RevocationSourceError) -> [UInt8]? {
        do throws(HTTPClientError) {
            return try stream.nextLine(within: silence)
        } catch {
            throw RevocationSourceError(error)
        }
    }

    func cancel() {
        stream.cancel()
    }
}

extension RevocationSourceError {
    init(_ error: HTTPClientError) {
        self.init(isRefusal: error.code == .status, description: error.description)
    }
}
