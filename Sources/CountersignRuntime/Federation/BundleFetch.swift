import CountersignHTTPClient
import CountersignIdentity
import CountersignPKI
import CountersignTLS

/// Asks a bundle endpoint once, and takes its answer only when the endpoint is who it has to be.
struct BundleFetch: Sendable {
    let domain: FederatedDomain

    /// The bundle that the endpoint publishes, without authorities that are not valid at `now`.
    ///
    /// - Parameters:
    ///   - known: the bundle in PEM that is there already; the profile `https_spiffe` needs it.
    ///   - now: the current time in Unix seconds.
    /// - Throws: ``BundleError``.
    func fetch(known: [UInt8]?, now: Int64) throws(BundleError) -> FetchedBundle {
        let body: [UInt8]
        do {
            var endpoint = try HTTPEndpoint(url: domain.url)
            let path = endpoint.basePath.isEmpty ? "/" : endpoint.basePath
            endpoint.basePath = ""
            let client = HTTPClient(endpoint, tls: try tls(endpoint, known), settings: Self.settings)
            defer { client.close() }
            body = try client.request("GET", path, within: Self.answerTime).requireSuccess().body
        } catch let error as BundleError {
            throw error
        } catch {
            throw BundleError("\(domain.url): \(error)")
        }
        do throws(PKIError) {
            return FetchedBundle(bundle: try Self.usable(try SPIFFEBundle(parsing: body), now: now), document: body)
        } catch {
            throw BundleError("\(domain.url): \(error.message)")
        }
    }

    private func tls(_ endpoint: HTTPEndpoint, _ known: [UInt8]?) throws -> ClientTLS {
        switch domain.profile {
        case .web(let authorities):
            return try ClientTLS(
                verifier: ChainVerifier(trust: try TrustStore(derCertificates: authorities), purpose: .server),
                expecting: try endpoint.peerName()
            )
        case .spiffe(let id):
            guard let known else {
                throw BundleError(
                    "\(domain.bundlePath) is absent; the first bundle of \(domain.trustDomain.name) has to come by another "
                        + "way, as the endpoint is checked against it"
                )
            }
            let trust = try TrustStore(pem: known, trustDomains: .only([domain.trustDomain]))
            return try ClientTLS(verifier: ChainVerifier(trust: trust, purpose: .server), expecting: .spiffe(id))
        }
    }

    /// Refuses a bundle that trusts nobody.
    ///
    /// A publisher that lost its keys by accident would otherwise take every caller of the trust domain out of service.
    /// Trust ends by taking the trust domain out of the configuration.
    private static func usable(_ bundle: SPIFFEBundle, now: Int64) throws(PKIError) -> SPIFFEBundle {
        var bundle = bundle
        var faults: [PKIError] = []
        bundle.authoritiesDER = bundle.authoritiesDER.filter { der in
            do throws(PKIError) {
                _ = try TrustStore(derCertificates: [der], atUnixSeconds: now)
                return true
            } catch {
                faults.append(error)
                return false
            }
        }
        guard bundle.authoritiesDER.isEmpty else { return bundle }
        let reason = faults.first.map { ": \($0.message)" } ?? ""
        throw PKIError(.nothingFound, "the bundle has no X.509 authority that is valid now\(reason)")
    }

    private static let answerTime = Duration.seconds(10)
    private static var settings: HTTPClientSettings {
        var settings = HTTPClientSettings()
        settings.maximumBody = SPIFFEBundle.maximumSize
        return settings
    }
}
