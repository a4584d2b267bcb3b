package import CountersignIssuance
import CountersignJSON
package import CountersignPKI

/// A certificate as the authority sends it.
package struct AuthorityAnswer: Sendable {
    /// The certificate, then those above it.
    package var certificates: [ParsedCertificate]
    /// When it is to be renewed; nil leaves that to the agent.
    package var rule: RenewalRule?
    /// Which rotation of the service it fulfils: when that was asked for, in Unix seconds; nil when none was.
    package var rotation: Int64?
    /// The trust bundle at that moment, in PEM; nil when the authority sent none with it.
    package var trustBundle: [UInt8]?

    package init(
        certificates: [ParsedCertificate],
        rule: RenewalRule?,
        rotation: Int64? = nil,
        trustBundle: [UInt8]? = nil
    ) {
        self.certificates = certificates
        self.rule = rule
        self.rotation = rotation
        self.trustBundle = trustBundle
    }

    /// Reads the body of an answer: `{"certificate":PEM,"chain":PEM,"renew":{…},"trust_bundle":PEM,…}`.
    ///
    /// - Throws: ``AuthorityCallError`` with `malformed`.
    package init(json: [UInt8]) throws(AuthorityCallError) {
        do {
            let object = try JSONObject(try JSONValue(parsing: json), known: nil)
            let leaf = try CertificateChain(pem: try object.requiredString("certificate")).certificates
            // The certificates above may come with the leaf in front, or not at all.
            let chain = try object.string("chain") ?? ""
            let above = chain.isEmpty ? [] : try CertificateChain(pem: chain).certificates
            self.init(
                certificates: leaf + above,
                rule: object["renew"].flatMap { RenewalRule(json: $0) },
                rotation: try object.string("rotation_requested_at").flatMap(CalendarTime.unixSeconds(rfc3339:)),
                trustBundle: try object.string("trust_bundle").map { Array($0.utf8) }
            )
        } catch {
            throw AuthorityCallError(.malformed, "the authority's answer cannot be read: \(error)")
        }
    }
}
