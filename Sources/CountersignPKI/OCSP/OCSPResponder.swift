/// Answers OCSP requests about the certificates of one issuer (RFC 6960 section 4.2): with the issuer's own key, or with
/// a certificate that the issuer gave for that purpose.
package final class OCSPResponder: Sendable {
    private let issuer: OCSPIssuerID
    private let key: PrivateKey
    private let signer: ParsedCertificate
    private let certificates: [UInt8]

    /// A responder that signs with the issuer's own key.
    package init(issuer: IssuingAuthority) {
        self.issuer = OCSPIssuerID(issuer.certificate)
        self.key = issuer.key
        self.signer = issuer.certificate
        self.certificates = []
    }

    /// A responder that signs with a key to which the issuer has delegated answers.
    ///
    /// - Parameters:
    ///   - issuer: Whose certificates are answered for.
    ///   - certificatePEM: Issued by the issuer itself, with the purpose OCSPSigning.
    ///   - key: The certificate's private key.
    ///   - now: The current time in Unix seconds.
    /// - Throws: ``PKIError`` with `brokenChain`, `invalidProfile` when the purpose is absent, `expired`, `notYetValid`,
    ///   `keyMismatch`, or what reading the certificate gives.
    package init(
        issuer: ParsedCertificate,
        certificatePEM: [UInt8],
        key: PrivateKey,
        now: Int64
    ) throws(PKIError) {
        let chain = try CertificateChain(pem: certificatePEM)
        guard let signer = chain.certificates.first else { throw PKIError(.nothingFound, "there is no certificate") }
        guard signer.issuerDER == issuer.subjectDER, signer.isSigned(by: issuer) else {
            throw PKIError(.brokenChain, "\(signer.label) is not signed by \(issuer.label), so it cannot answer for it")
        }
        guard signer.extensions.extendedKeyUsage?.allowsOCSPSigning ?? false else {
            throw PKIError(.invalidProfile, "\(signer.label) does not have the purpose OCSPSigning")
        }
        try AuthorityRules.checkValidity(of: signer, now: now)
        guard key.matches(signer) else {
            throw PKIError(.keyMismatch, "the private key does not belong to \(signer.label)")
        }
        self.issuer = OCSPIssuerID(issuer)
        self.key = key
        self.signer = signer
        self.certificates = DERWriter.sequenceField(DERTag.constructed(0)) { $0.encoded(signer.der) }
    }

    /// The last second at which answers can be signed, in Unix seconds.
    package var notAfter: Int64 {
        self.signer.notAfter
    }

    /// Whether any of the certificates of a request is of this responder's issuer.
    package func answers(_ request: OCSPRequest) -> Bool {
        request.certificates.contains { self.issuer.issued($0) }
    }

    /// The answer to a request.
    ///
    /// - Parameters:
    ///   - request: The request; its nonce is repeated.
    ///   - now: The current time in Unix seconds.
    ///   - lifetimeSeconds: How long the answer may be relied upon.
    ///   - status: What is known of a serial number of this issuer, as an INTEGER's content.
    /// - Returns: The whole response in DER: signed, or ``OCSPErrorStatus/unauthorized`` when none of the certificates
    ///   is of this issuer.
    /// - Throws: ``PKIError`` with `signingFailed`.
    package func response(
        to request: OCSPRequest,
        now: Int64,
        lifetimeSeconds: Int64,
        status: (OCSPCertificateID) -> OCSPStatus
    ) throws(PKIError) -> [UInt8] {
        let mine = request.certificates.map { self.issuer.issued($0) }
        guard mine.contains(true) else { return OCSPErrorStatus.unauthorized.der }
        let content = DERWriter.sequence(capacity: 512) { data in
            // The responder by the digest of its key, which no second responder can share by accident.
            data.field(DERTag.constructed(2)) { id in
                id.field(DERTag.octetString, content: self.signer.publicKey.keyIdentifier)
            }
            data.generalizedTime(unixSeconds: now)
            data.sequence { responses in
                for (certificate, isMine) in zip(request.certificates, mine) {
                    responses.sequence { single in
                        single.encoded(certificate.encoded)
                        single.ocspStatus(isMine ? status(certificate) : .unknown)
                        single.generalizedTime(unixSeconds: now)
                        single.field(DERTag.constructed(0)) { $0.generalizedTime(unixSeconds: now + lifetimeSeconds) }
                    }
                }
            }
            if let nonce = request.nonce { data.ocspNonce(nonce) }
        }
        return self.successful(try SignedEncoding.encode(content, key: self.key, trailer: self.certificates))
    }

    /// OCSPResponse around a BasicOCSPResponse.
    private func successful(_ basic: [UInt8]) -> [UInt8] {
        DERWriter.sequence(capacity: basic.count + 64) { response in
            response.field(DERTag.enumerated, content: [0])
            response.field(DERTag.constructed(0)) { tagged in
                tagged.sequence { bytes in
                    bytes.objectIdentifier(ObjectIdentifiers.ocspBasic)
                    bytes.field(DERTag.octetString, content: basic)
                }
            }
        }
    }
}

extension DERWriter {
    /// Writes CertStatus; the reason `unspecified` is left out.
    fileprivate mutating func ocspStatus(_ status: OCSPStatus) {
        switch status {
        case .good: self.field(DERTag.primitive(0), content: [])
        case .unknown: self.field(DERTag.primitive(2), content: [])
        case .revoked(let date, let reason):
            self.field(DERTag.constructed(1)) { info in
                info.generalizedTime(unixSeconds: date)
                guard reason != .unspecified else { return }
                info.field(DERTag.constructed(0)) { tagged in
                    tagged.field(DERTag.enumerated, content: [UInt8(reason.rawValue)])
                }
            }
        }
    }

    /// Writes responseExtensions with the nonce.
    fileprivate mutating func ocspNonce(_ nonce: [UInt8]) {
        let entry = ExtensionEncoding.encode(ObjectIdentifiers.ocspNonce) { value in
            value.field(DERTag.octetString, content: nonce)
        }
        self.field(DERTag.constructed(1)) { tagged in
            tagged.sequence { $0.encoded(entry) }
        }
    }

    /// The encoding of a SEQUENCE within one tagged field.
    fileprivate static func sequenceField(_ tag: UInt8, _ body: (inout DERWriter) -> Void) -> [UInt8] {
        var writer = DERWriter()
        writer.field(tag) { $0.sequence(body) }
        return writer.bytes
    }
}
