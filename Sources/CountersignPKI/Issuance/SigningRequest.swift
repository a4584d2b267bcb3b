import SwiftASN1

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
    public init(der: [UInt8]) throws(PKIError) {
        guard der.count <= Self.maximumSize else {
            throw PKIError(.tooLarge, "a request of \(der.count) bytes; at most \(Self.maximumSize) are read")
        }
        let wire: Wire
        do {
            wire = try Wire(derEncoded: try DER.parse(der))
        } catch {
            throw PKIError(
                .malformedRequest,
                "this is not a DER-encoded certificate request: \(EncodingFault.reason(of: error))"
            )
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
        var signedBytes: [UInt8] = []
        var algorithm = SignatureAlgorithm.unknown("")
        var signature: [UInt8] = []
        var subject: RelativeNames
        var subjectDER: [UInt8]
        var publicKey: SubjectPublicKey
        var extensions = CertificateExtensions()

        init(derEncoded node: ASN1Node) throws {
            self = try DER.sequence(node, identifier: .sequence) { nodes in
                guard let info = nodes.next(), let algorithm = nodes.next() else {
                    throw EncodingFault("a request with a part missing")
                }
                let signature = try ASN1BitString(derEncoded: &nodes)
                var wire = try DER.sequence(info, identifier: .sequence) { try Wire(fields: &$0) }
                wire.signedBytes = Array(info.encodedBytes)
                wire.algorithm = try SignatureAlgorithm(derEncoded: algorithm)
                wire.signature = Array(signature.bytes)
                return wire
            }
        }

        private init(fields: inout ASN1NodeCollection.Iterator) throws {
            guard try Int(derEncoded: &fields) == 0, let subject = fields.next(), let key = fields.next() else {
                throw EncodingFault("an unknown version, or a field missing")
            }
            self.subject = try RelativeNames(derEncoded: subject)
            self.subjectDER = Array(subject.encodedBytes)
            self.publicKey = try SubjectPublicKey(derEncoded: key)
            try DER.optionalImplicitlyTagged(&fields, tagNumber: 0, tagClass: .contextSpecific) { node in
                guard case .constructed(let attributes) = node.content else {
                    throw ASN1Error.unexpectedFieldType(node.identifier)
                }
                for attribute in attributes { try self.read(attribute) }
            }
        }

        private mutating func read(_ attribute: ASN1Node) throws {
            let (type, values) = try DER.sequence(attribute, identifier: .sequence) { nodes in
                (try ASN1ObjectIdentifier(derEncoded: &nodes), nodes.next())
            }
            guard type == ObjectIdentifiers.extensionRequest else { return }
            guard let values, values.identifier == .set, case .constructed(let nodes) = values.content else {
                throw EncodingFault("an extension request without a value")
            }
            var iterator = nodes.makeIterator()
            guard self.extensions.all.isEmpty, let node = iterator.next(), iterator.next() == nil else {
                throw EncodingFault("more than one extension request")
            }
            // Tools without anything to ask for write an empty list.
            guard node.encodedBytes.count > 2 else { return }
            self.extensions = try CertificateExtensions(derEncoded: node)
        }
    }
}
