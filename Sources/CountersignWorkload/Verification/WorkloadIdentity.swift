package import CountersignIdentity
package import CountersignPKI

/// An X.509-SVID that a Workload API has given and that was verified: its form, its key, its time, and that its own trust
/// domain's authorities vouch for it.
package struct WorkloadIdentity: Sendable {
    /// Who it is.
    package let id: SPIFFEID
    /// The certificate and those above it in DER, leaf first.
    package let chainDER: [[UInt8]]
    /// The certificate.
    package let leaf: ParsedCertificate
    /// The private key: a secret.
    package let key: PrivateKey
    /// The authorities of the trust domain in DER.
    package let authoritiesDER: [[UInt8]]
    /// What tells it from others of the same answer.
    package let hint: String

    /// The most certificates of a chain.
    package static let maximumChain = 16
    /// The most authorities of a bundle.
    package static let maximumAuthorities = 1_024

    /// Verifies a message.
    ///
    /// - Parameters:
    ///   - message: what was sent.
    ///   - atUnixSeconds: the current time.
    /// - Throws: ``WorkloadError`` that says what is wrong with it.
    package init(verifying message: X509SVIDMessage, atUnixSeconds: Int64) throws(WorkloadError) {
        guard message.hint.utf8.count <= X509SVIDMessage.maximumHint else {
            throw WorkloadError("a hint of more than \(X509SVIDMessage.maximumHint) bytes")
        }
        chainDER = try DERSequence.split(message.certificates, atMost: Self.maximumChain)
        authoritiesDER = try DERSequence.split(message.bundle, atMost: Self.maximumAuthorities)
        hint = message.hint
        guard let first = chainDER.first else { throw WorkloadError("an SVID without a certificate") }
        do throws(PKIError) {
            leaf = try ParsedCertificate(der: first)
        } catch {
            throw WorkloadError("the certificate of an SVID: \(error)")
        }
        id = try X509SVIDRules.identity(of: leaf)
        guard id.description == message.spiffeID else {
            throw WorkloadError("the certificate is of \(id), and the answer says otherwise")
        }
        do throws(PKIError) {
            key = try PrivateKey(derPKCS8: message.privateKey)
        } catch {
            throw WorkloadError("the private key of \(id) cannot be used (\(error.code.metricLabel))")
        }
        guard key.matches(leaf) else { throw WorkloadError("the private key is not that of the certificate of \(id)") }
        try verify(atUnixSeconds)
    }

    /// Takes a bundle apart into its certificates in DER.
    ///
    /// - Throws: ``WorkloadError``.
    package static func certificates(of bundle: [UInt8]) throws(WorkloadError) -> [[UInt8]] {
        try DERSequence.split(bundle, atMost: maximumAuthorities)
    }

    private func verify(_ now: Int64) throws(WorkloadError) {
        let store: TrustStore
        do throws(PKIError) {
            store = try TrustStore(derCertificates: authoritiesDER, trustDomains: .only([id.trustDomain]))
        } catch {
            throw WorkloadError("the bundle of \(id.trustDomain): \(error)")
        }
        let chain = UnverifiedPeerChain(derCertificates: chainDER)
        switch ChainVerifier(trust: store, purpose: .any).verify(chain, atUnixSeconds: now) {
        case .success: return
        case .failure(let rejection):
            throw WorkloadError("the bundle of \(id.trustDomain) does not vouch for \(id): \(rejection.explanation)")
        }
    }
}

extension WorkloadIdentity {
    /// Verifies all SVIDs of an answer.
    ///
    /// - Returns: at least one, the default one first.
    /// - Throws: ``WorkloadError`` when there is none, one is wrong, or two have the same hint.
    package static func verifying(
        _ response: X509SVIDResponse,
        atUnixSeconds now: Int64
    ) throws(WorkloadError) -> [WorkloadIdentity] {
        var identities: [WorkloadIdentity] = []
        var hints: Set<String> = []
        for message in response.svids {
            let identity = try WorkloadIdentity(verifying: message, atUnixSeconds: now)
            guard identity.hint.isEmpty || hints.insert(identity.hint).inserted else {
                throw WorkloadError("two SVIDs have the same hint")
            }
            identities.append(identity)
        }
        guard !identities.isEmpty else { throw WorkloadError("the answer has no SVID") }
        return identities
    }
}

extension WorkloadIdentity: CustomStringConvertible, CustomReflectable {
    /// The ID alone.
    package var description: String { "\(id)" }

    /// Nothing: a dump must not reach the key.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
