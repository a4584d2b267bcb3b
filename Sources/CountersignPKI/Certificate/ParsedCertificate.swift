import Crypto
import SwiftASN1

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
            outer = try Outer(derEncoded: try DER.parse(der))
            inner = try Inner(derEncoded: outer.signedNode)
        } catch {
            throw PKIError(
                .malformedCertificate,
                "this is not a DER-encoded X.509 certificate: \(EncodingFault.reason(of: error))"
            )
        }
        self.der = der
        self.signedBytes = Array(outer.signedNode.encodedBytes)
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
        let signedNode: ASN1Node
        let algorithm: SignatureAlgorithm
        let algorithmDER: [UInt8]
        let signature: [UInt8]

        init(derEncoded node: ASN1Node) throws {
            self = try DER.sequence(node, identifier: .sequence) { nodes in
                guard let signedNode = nodes.next(), let algorithm = nodes.next() else {
                    throw EncodingFault("a certificate with a part missing")
                }
                let signature = try ASN1BitString(derEncoded: &nodes)
                guard signature.paddingBits == 0 else {
                    throw EncodingFault("a signature that is no whole number of bytes")
                }
                return Outer(
                    signedNode: signedNode,
                    algorithm: try SignatureAlgorithm(derEncoded: algorithm),
                    algorithmDER: Array(algorithm.encodedBytes),
                    signature: Array(signature.bytes)
                )
            }
        }

        private init(signedNode: ASN1Node, algorithm: SignatureAlgorithm, algorithmDER: [UInt8], signature: [UInt8]) {
            self.signedNode = signedNode
            self.algorithm = algorithm
            self.algorithmDER = algorithmDER
            self.signature = signature
        }
    }

    /// TBSCertificate.
    private struct Inner {
        var version = 1
        var serialNumber: [UInt8] = []
        var algorithmDER: [UInt8] = []
        var issuerDER: [UInt8] = []
        var issuer: RelativeNames
        var notBefore: Int64 = 0
        var notAfter: Int64 = 0
        var subjectDER: [UInt8] = []
        var subject: RelativeNames
        var publicKey: SubjectPublicKey
        var extensions = CertificateExtensions()

        init(derEncoded node: ASN1Node) throws {
            self = try DER.sequence(node, identifier: .sequence) { nodes in
                try Inner(fields: &nodes)
            }
        }

        private init(fields nodes: inout ASN1NodeCollection.Iterator) throws {
            let version = try DER.decodeDefaultExplicitlyTagged(
                &nodes,
                tagNumber: 0,
                tagClass: .contextSpecific,
                defaultValue: 0
            )
            guard (0...2).contains(version) else {
                throw EncodingFault("version \(version + 1)")
            }
            self.version = version + 1
            self.serialNumber = try IntegerContent.next(&nodes)
            self.algorithmDER = Array(try Self.next(&nodes).encodedBytes)
            let issuer = try Self.next(&nodes)
            self.issuerDER = Array(issuer.encodedBytes)
            self.issuer = try RelativeNames(derEncoded: issuer)
            (self.notBefore, self.notAfter) = try DER.sequence(try Self.next(&nodes), identifier: .sequence) { inner in
                (
                    try CertificateTime.unixSeconds(derEncoded: try Self.next(&inner)),
                    try CertificateTime.unixSeconds(derEncoded: try Self.next(&inner))
                )
            }
            let subject = try Self.next(&nodes)
            self.subjectDER = Array(subject.encodedBytes)
            self.subject = try RelativeNames(derEncoded: subject)
            self.publicKey = try SubjectPublicKey(derEncoded: try Self.next(&nodes))
            for tag in [UInt(1), 2] {
                let unique = DER.optionalImplicitlyTagged(&nodes, tagNumber: tag, tagClass: .contextSpecific) { _ in
                    true
                }
                if unique != nil, version == 0 {
                    throw EncodingFault("a unique identifier in a version 1 certificate")
                }
            }
            let extensions = try DER.optionalExplicitlyTagged(&nodes, tagNumber: 3, tagClass: .contextSpecific) {
                try CertificateExtensions(derEncoded: $0)
            }
            if let extensions {
                guard version == 2 else {
                    throw EncodingFault("extensions in a certificate before version 3")
                }
                self.extensions = extensions
            }
        }

        private static func next(_ nodes: inout ASN1NodeCollection.Iterator) throws -> ASN1Node {
            guard let node = nodes.next() else {
                throw EncodingFault("a certificate with a field missing")
            }
            return node
        }
    }
}
