/// A certificate request taken apart (PKCS#10, RFC 2986).
///
/// Reading proves form alone; ``isSelfConsistent`` says whether the requester holds the key.
public final class SigningRequest: Sendable {
    /// The whole request.
    package let der: [UInt8]
    /// The subject that is asked for.
    package let subject: RelativeNames
    /// The subject that is asked for, as it was encoded.
    package let subjectDER: [UInt8]
    /// The key to certify.
    package let publicKey: SubjectPublicKey
    /// How the request was signed.
    package let signatureAlgorithm: SignatureAlgorithm
    /// The extensions that are asked for.
    package let extensions: CertificateExtensions

    private let signedBytes: [UInt8]
    private let signature: [UInt8]

    /// The largest request that is read, in bytes.
    public static let maximumSize = 64 * 1_024

    /// Reads the one request of a PEM text.
    ///
    /// - Throws: ``PKIError`` with `nothingFound`, `malformedPEM`, `unexpectedBlock`, `malformedRequest` or `tooLarge`.
    public convenience init(pem: [UInt8]) throws(PKIError) {
        let blocks = try PEMDocuments(parsing: pem).blocks
        guard blocks.count == 1, ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"].contains(blocks[0].label) else {
            throw PKIError(
                .unexpectedBlock,
                "exactly one CERTIFICATE REQUEST block is expected; found \(blocks.map(\.label).joined(separator: ", "))",
                line: blocks[0].line
            )
        }
        try self.init(der: blocks[0].der)
    }

    /// Reads a DER encoding.
    ///
    /// - Throws: ``PKIError`` with `malformedRequest` or `tooLarge`.
    public convenience init(der: [UInt8]) throws(PKIError) {
        try self.init(der: der, key: nil)
    }

    /// Reads a DER encoding.
    ///
    /// - Parameter key: The key that the request should be for: it is not read again. Where the request has another,
    ///   that one counts.
    /// - Throws: ``PKIError`` with `malformedRequest` or `tooLarge`.
    init(der: [UInt8], key: SubjectPublicKey?) throws(PKIError) {
        guard der.count <= Self.maximumSize else {
            throw PKIError(.tooLarge, "a request of \(der.count) bytes; at most \(Self.maximumSize) are read")
        }
        let wire: Wire
        do {
            wire = try Wire(DERField(parsing: der), key: key)
        } catch {
            throw PKIError(.malformedRequest, "this is not a DER-encoded certificate request: \(error.reason)")
        }
        self.der = der
        self.subject = wire.subject
        self.subjectDER = wire.subjectDER
        self.publicKey = wire.publicKey
        self.extensions = wire.extensions
        self.signatureAlgorithm = wire.algorithm
        self.signedBytes = wire.signedBytes
        self.signature = wire.signature
    }

    /// Whether the request is signed by the key that it carries: the proof of possession.
    public var isSelfConsistent: Bool {
        self.publicKey.verifies(self.signature, over: self.signedBytes, algorithm: self.signatureAlgorithm)
    }
}

extension SigningRequest {
    /// CertificationRequest and CertificationRequestInfo.
    private struct Wire {
        let signedBytes: [UInt8]
        let algorithm: SignatureAlgorithm
        let signature: [UInt8]
        let subject: RelativeNames
        let subjectDER: [UInt8]
        let publicKey: SubjectPublicKey
        let extensions: CertificateExtensions

        init(_ field: DERField, key: SubjectPublicKey?) throws(EncodingFault) {
            let missing = EncodingFault("a request with a part missing")
            var fields = try field.fields()
            let info = try fields.next(orFault: missing)
            self.signedBytes = Array(info.encoded)
            self.algorithm = try SignatureAlgorithm(fields.next(orFault: missing))
            self.signature = try fields.any().signature()
            try fields.end()

            var parts = try info.fields()
            let strange = EncodingFault("an unknown version, or a field missing")
            guard try parts.any().integer() == 0 else { throw strange }
            let subject = try parts.next(orFault: strange)
            self.subject = try RelativeNames(subject)
            self.subjectDER = Array(subject.encoded)
            let keyInfo = try parts.next(orFault: strange)
            let isKnown = key?.derEncoded.elementsEqual(keyInfo.encoded) ?? false
            self.publicKey = if isKnown, let key { key } else { try SubjectPublicKey(keyInfo) }
            let attributes = parts.optional(DERTag.constructed(0))
            try parts.end()
            self.extensions = try Self.extensions(inAttributes: attributes)
        }

        private static func extensions(inAttributes list: DERField?) throws(EncodingFault) -> CertificateExtensions {
            var extensions = CertificateExtensions()
            guard let list else { return extensions }
            for attribute in try list.fields(DERTag.constructed(0)) {
                var parts = try attribute.fields()
                let type = try parts.any().objectIdentifier()
                let values = parts.next()
                try parts.end()
                guard type == .extensionRequest else { continue }
                guard var requests = try values?.fields(DERTag.set) else {
                    throw EncodingFault("an extension request without a value")
                }
                guard extensions.all.isEmpty, let request = requests.next(), requests.nextTag == nil else {
                    throw EncodingFault("more than one extension request")
                }
                // Tools without anything to ask for write an empty list.
                guard !request.content.isEmpty else { continue }
                extensions = try CertificateExtensions(request)
            }
            return extensions
        }
    }
}
