import Crypto

/// A certificate taken apart (RFC 5280 section 4.1), with the bytes that names and signatures are compared by.
///
/// Reading proves form alone: nothing here says that anybody vouches for the content.
package final class ParsedCertificate: Sendable {
    /// The whole certificate.
    package let der: [UInt8]
    /// The part that is signed.
    package let signedBytes: [UInt8]
    /// The version as people count it: 1, 2 or 3.
    package let version: Int
    /// The serial number as an INTEGER's content: big-endian, two's complement, minimal.
    package let serialNumber: [UInt8]
    /// How it was signed.
    package let signatureAlgorithm: SignatureAlgorithm
    /// Whether the algorithm inside the signed part and the one beside the signature are the same, byte for byte.
    package let algorithmsAgree: Bool
    /// The signature.
    package let signature: [UInt8]
    /// The issuer's name as encoded.
    package let issuerDER: [UInt8]
    /// The subject's name as encoded.
    package let subjectDER: [UInt8]
    /// The issuer's name.
    package let issuer: RelativeNames
    /// The subject's name.
    package let subject: RelativeNames
    /// The first second at which it is valid, in Unix seconds.
    package let notBefore: Int64
    /// The last second at which it is valid, in Unix seconds.
    package let notAfter: Int64
    /// The subject's key.
    package let publicKey: SubjectPublicKey
    /// The extensions.
    package let extensions: CertificateExtensions

    /// The largest certificate that is read, in bytes.
    package static let maximumSize = 64 * 1_024

    /// Whether issuer and subject are the same name.
    package var isSelfIssued: Bool {
        self.issuerDER == self.subjectDER
    }

    /// Whether basicConstraints says that this is a certificate authority's.
    package var isAuthority: Bool {
        self.extensions.basicConstraints?.isAuthority ?? false
    }

    /// What certificates below name this one's key by: its subjectKeyIdentifier, else the usual digest of the key.
    package var keyIdentifier: [UInt8] {
        self.extensions.subjectKeyIdentifier ?? self.publicKey.keyIdentifier
    }

    /// The SHA-256 digest of the whole certificate.
    package var sha256: [UInt8] {
        Array(SHA256.hash(data: self.der))
    }

    /// Whether this certificate carries a signature by the key of `issuer`.
    package func isSigned(by issuer: ParsedCertificate) -> Bool {
        issuer.publicKey.verifies(self.signature, over: self.signedBytes, algorithm: self.signatureAlgorithm)
    }

    /// Reads a DER encoding.
    ///
    /// - Throws: ``PKIError`` with `malformedCertificate` or `tooLarge`.
    package init(der: [UInt8]) throws(PKIError) {
        guard der.count <= Self.maximumSize else {
            throw PKIError(.tooLarge, "a certificate of \(der.count) bytes; at most \(Self.maximumSize) are read")
        }
        let outer: Outer
        let inner: Inner
        do {
            outer = try Outer(DERField(parsing: der))
            inner = try Inner(outer.signedField)
        } catch {
            throw PKIError(.malformedCertificate, "this is not a DER-encoded X.509 certificate: \(error.reason)")
        }
        self.der = der
        self.signedBytes = Array(outer.signedField.encoded)
        self.signatureAlgorithm = outer.algorithm
        self.algorithmsAgree = outer.algorithmDER == inner.algorithmDER
        self.signature = outer.signature
        self.version = inner.version
        self.serialNumber = inner.serialNumber
        self.issuerDER = inner.issuerDER
        self.subjectDER = inner.subjectDER
        self.issuer = inner.issuer
        self.subject = inner.subject
        self.notBefore = inner.notBefore
        self.notAfter = inner.notAfter
        self.publicKey = inner.publicKey
        self.extensions = inner.extensions
    }
}

extension ParsedCertificate {
    /// The production Certificate: what is signed, the algorithm, the signature.
    private struct Outer {
        let signedField: DERField
        let algorithm: SignatureAlgorithm
        let algorithmDER: ArraySlice<UInt8>
        let signature: [UInt8]

        init(_ field: DERField) throws(EncodingFault) {
            let missing = EncodingFault("a certificate with a part missing")
            var fields = try field.fields()
            self.signedField = try fields.next(orFault: missing)
            let algorithm = try fields.next(orFault: missing)
            self.algorithm = try SignatureAlgorithm(algorithm)
            self.algorithmDER = algorithm.encoded
            self.signature = try fields.any().signature()
            try fields.end()
        }
    }

    /// TBSCertificate.
    private struct Inner {
        let version: Int
        let serialNumber: [UInt8]
        let algorithmDER: ArraySlice<UInt8>
        let issuerDER: [UInt8]
        let issuer: RelativeNames
        let notBefore: Int64
        let notAfter: Int64
        let subjectDER: [UInt8]
        let subject: RelativeNames
        let publicKey: SubjectPublicKey
        let extensions: CertificateExtensions

        init(_ field: DERField) throws(EncodingFault) {
            let missing = EncodingFault("a certificate with a field missing")
            var fields = try field.fields()
            self.version = try fields.version(upTo: 3)
            self.serialNumber = Array(try fields.next(orFault: missing).integerContent())
            guard self.serialNumber.count <= SerialNumber.maximumSize else {
                throw EncodingFault("a serial number of more than \(SerialNumber.maximumSize) bytes")
            }
            let algorithm = try fields.next(orFault: missing)
            _ = try algorithm.algorithm()
            self.algorithmDER = algorithm.encoded
            let issuer = try fields.next(orFault: missing)
            self.issuerDER = Array(issuer.encoded)
            self.issuer = try RelativeNames(issuer)
            var validity = try fields.next(orFault: missing).fields()
            self.notBefore = try CertificateTime.unixSeconds(validity.next(orFault: missing))
            self.notAfter = try CertificateTime.unixSeconds(validity.next(orFault: missing))
            try validity.end()
            let subject = try fields.next(orFault: missing)
            self.subjectDER = Array(subject.encoded)
            self.subject = try RelativeNames(subject)
            self.publicKey = try SubjectPublicKey(fields.next(orFault: missing))
            for tag in [DERTag.primitive(1), DERTag.primitive(2)] {
                guard let identifier = fields.optional(tag) else { continue }
                _ = try identifier.bitString(tag)
                guard self.version > 1 else {
                    throw EncodingFault("a unique identifier in a version 1 certificate")
                }
            }
            let extensions = fields.optional(DERTag.constructed(3))
            try fields.end()
            guard extensions == nil || self.version == 3 else {
                throw EncodingFault("extensions in a certificate before version 3")
            }
            self.extensions =
                try extensions.map { (field) throws(EncodingFault) in
                    try CertificateExtensions(field.onlyField())
                } ?? CertificateExtensions()
        }
    }
}
