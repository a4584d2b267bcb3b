import CountersignConfiguration
import CountersignPKI
import CountersignTLS

/// What the service shows to proxies, and who may vouch for them.
struct AuthzTLS: Sendable {
    /// For the next connections.
    let context: TLSContext

    /// What a section and the files that it names come to.
    ///
    /// - Returns: nil without TLS, or when something is wrong, which is added to `problems` unless the loader has told it.
    init?(
        _ section: AuthorizationServiceSection,
        _ pems: PEMMaterial,
        now: Int64,
        _ problems: inout [ConfigurationProblem]
    ) {
        guard let certificate = section.certificate else { return nil }
        do throws(RouterSettings.MaterialFault) {
            let identity = try RouterSettings.identity(certificate, pems, now)
            let trust = try section.proxyAuthorities.map { reference throws(RouterSettings.MaterialFault) in
                try RouterSettings.parse(reference, pems) { text throws(PKIError) in
                    try TrustStore(pem: text, atUnixSeconds: now)
                }
            }
            let verifier = trust.map {
                LiveChainVerifier(ChainVerifier(trust: $0, purpose: .client), cachedChains: 64)
            }
            do {
                context = try TLSContext(
                    server: identity,
                    minimum: .tls12,
                    verifier: verifier,
                    acceptableIssuers: trust?.subjectsDER ?? [],
                    label: Array("countersign authz".utf8)
                )
            } catch {
                throw RouterSettings.problem(certificate.chain, "\(error)")
            }
        } catch {
            problems += error.problems
            return nil
        }
    }
}
