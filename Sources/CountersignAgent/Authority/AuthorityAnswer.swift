package import CountersignIssuance
package import CountersignPKI
import FoundationEssentials

/// A certificate as the authority sends it.
package struct AuthorityAnswer: Sendable {
    /// The certificate, then those above it.
    package var certificates: [ParsedCertificate]
    /// When it is to be renewed; nil leaves that to the agent.
    package var rule: RenewalRule?

    package init(certificates: [ParsedCertificate], rule: RenewalRule?) {
        self.certificates = certificates
        self.rule = rule
    }

    /// Reads the body of an answer: `{"certificate":PEM,"chain":PEM,"renew":{…},…}`.
    ///
    /// - Throws: ``AuthorityError`` with `malformed`.
    package init(json: [UInt8]) throws(AuthorityError) {
        guard let wire = try? JSONDecoder().decode(Wire.self, from: Data(json)) else {
            throw AuthorityError(.malformed, "the authority's answer is not a JSON object with a certificate")
        }
        do {
            // The certificates above may come with the leaf in front, or not at all.
            let leaf = try CertificateChain(pem: wire.certificate).certificates
            let above = wire.chain.map { $0.isEmpty ? [] : [$0] } ?? []
            certificates = leaf + (try above.flatMap { try CertificateChain(pem: $0).certificates })
        } catch {
            throw AuthorityError(.malformed, "the certificate in the authority's answer cannot be read: \(error)")
        }
        rule = wire.renew?.rule
    }

    private struct Wire: Decodable {
        var certificate: String
        var chain: String?
        var renew: WireRenewalRule?
    }
}
