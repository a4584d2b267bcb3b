/// Answers OCSP requests about the certificates of one issuer (RFC 6960 section 4.2), with the issuer's own key.
package final class OCSPResponder: Sendable {
    private let issuer: OCSPIssuerID
    private let key: PrivateKey
    private let signer: ParsedCertificate

    /// A responder that signs with the issuer's own key.
    package init(issuer: IssuingAuthority) {
        self.issuer = OCSPIssuerID(issuer.certificate)
        self.key = issuer.key
        self.signer = issuer.certificate
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
        return self.successful(try SignedEncoding.encode(content, key: self.key))
    }

    /// OCSPResponse around a BasicOCSPResponse.
    private func successful(_ basic: [UInt8]) -> [UInt8] {
        DERWriter.sequence(capacity: basic.count + 64) { response in
            response.field(DERTag.enumerated, content: [0])
            response.field(DERTag.constructed(0)) { tagged in
                tagged.sequence { bytes in
                    bytes.objectIdentifier(.ocspBasic)
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
        let entry = ExtensionEncoding.encode(.ocspNonce) { value in
            value.field(DERTag.octetString, content: nonce)
        }
        self.field(DERTag.constructed(1)) { tagged in
            tagged.sequence { $0.encoded(entry) }
        }
    }
}
