import CountersignConfiguration
import CountersignIdentity
import CountersignPKI
package import CountersignRouter
import CountersignTLS
package import CountersignTelemetry

extension RouterSettings {
    /// The process's own identity where it comes from files.
    package struct PresentedIdentity: Sendable {
        /// What upstreams are shown.
        package var identity: UpstreamIdentity
        /// What health tells of it.
        package var facts: IdentityFacts
    }

    /// Reads the identity of a section from its files; `nil` when it is not in files.
    static func presentedIdentity(
        _ section: MutualTLSSection,
        _ pems: PEMMaterial,
        _ now: Int64
    ) throws(MaterialFault) -> PresentedIdentity? {
        guard section.isEnabled, let certificate = section.certificate, let trustDomain = section.trustDomain else {
            return nil
        }
        let identity = try identity(certificate, pems, now)
        let leaf = try parse(certificate.chain, pems) { text throws(PKIError) in
            try CertificateChain(pem: text).certificates.first
        }
        guard let leaf else { throw MaterialFault(problems: []) }
        if let usage = leaf.extensions.extendedKeyUsage, !usage.allowsClient, !usage.allowsAny {
            throw problem(
                certificate.chain,
                "the certificate is not for TLS clients, so that every upstream would refuse it; its extended key usage "
                    + "must have clientAuth"
            )
        }
        let uris = leaf.extensions.alternativeNames.compactMap { name -> String? in
            if case .uri(let uri) = name { uri } else { nil }
        }
        let id = uris.lazy.compactMap { try? SPIFFEID(parsing: $0) }.first
        if let id, id.trustDomain != trustDomain {
            throw problem(
                certificate.chain,
                "the certificate is \(id), and trust_domain is \(trustDomain.name); give the trust domain of the certificate"
            )
        }
        return PresentedIdentity(
            identity: UpstreamIdentity(identity: identity, notAfter: leaf.notAfter),
            facts: IdentityFacts(
                trustDomain: trustDomain.name,
                spiffeID: id?.description ?? "",
                certificateSerial: SerialNumber(leaf.serialNumber).hexadecimal,
                notBefore: leaf.notBefore,
                notAfter: leaf.notAfter
            )
        )
    }

    /// Takes over the authority of an identity that stays, as an ephemeral one is another at each load.
    mutating func keepAuthority(of previous: RouterSettings?) {
        guard let previous, identityPlan != nil, identityPlan == previous.identityPlan else { return }
        authority = previous.authority
    }
}
