/// A question to an OCSP responder (RFC 6960 section 4.1).
///
/// A signature on the request is passed over: the answers are public.
package struct OCSPRequest: Sendable {
    /// The certificates that are asked about, in order; at least one.
    package let certificates: [OCSPCertificateID]
    /// What the answer has to repeat, so that it cannot be an old one (RFC 9654); nil when the requester does not mind.
    package let nonce: [UInt8]?

    /// The largest request that is read, in bytes.
    package static let maximumSize = 16 * 1_024

    /// The most certificates of one request.
    package static let maximumCertificates = 32

    /// Reads a DER encoding, the body of a POST.
    ///
    /// - Throws: ``PKIError`` with `malformedRequest` or `tooLarge`; either is answered with
    ///   ``OCSPErrorStatus/malformedRequest``.
    package init(der: [UInt8]) throws(PKIError) {
        guard der.count <= Self.maximumSize else {
            throw PKIError(.tooLarge, "an OCSP request of \(der.count) bytes; at most \(Self.maximumSize) are read")
        }
        let wire: Wire
        do {
            wire = try Wire(DERField(parsing: der))
        } catch {
            throw PKIError(.malformedRequest, "this is not a DER-encoded OCSP request: \(error.reason)")
        }
        self.certificates = wire.certificates
        self.nonce = wire.nonce
    }

    /// Reads the last part of the path of a GET: the Base64 of the encoding, with percent escapes (RFC 6960 appendix
    /// A.1).
    ///
    /// - Parameter path: What follows the responder's own path; slashes that began as Base64 characters may stand in it
    ///   unescaped, and one slash before it does not matter.
    /// - Throws: ``PKIError`` as ``init(der:)`` does.
    package init(path: some Collection<UInt8>) throws(PKIError) {
        guard path.count <= 2 * Self.maximumSize, let text = Self.unescaped(path), let der = Base64.decode(text) else {
            throw PKIError(.malformedRequest, "the path is not the Base64 of an OCSP request")
        }
        try self.init(der: der)
    }

    /// Base64 text with its padding; a lenient reader, as clients escape all, some or none of `+`, `/` and `=`.
    private static func unescaped(_ path: some Collection<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        var rest = Array(path)[...]
        if rest.first == UInt8(ascii: "/") { rest.removeFirst() }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                guard rest.count >= 2, let value = Hexadecimal.bytes(of: digits)?.first else { return nil }
                rest.removeFirst(2)
                output.append(value)
            // The URL-safe alphabet, which some clients use although the RFC does not have it.
            case UInt8(ascii: "-"): output.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): output.append(UInt8(ascii: "/"))
            // A plus sign that a form decoder on the way took for a space.
            case UInt8(ascii: " "): output.append(UInt8(ascii: "+"))
            default: output.append(byte)
            }
        }
        while output.count % 4 != 0 { output.append(UInt8(ascii: "=")) }
        return output
    }
}

extension OCSPRequest {
    /// OCSPRequest and TBSRequest.
    private struct Wire {
        var certificates: [OCSPCertificateID] = []
        var nonce: [UInt8]?

        init(_ field: DERField) throws(EncodingFault) {
            var parts = try field.fields()
            let signed = try parts.next(orFault: EncodingFault("an empty request"))
            // A signature is passed over.
            _ = parts.optional(DERTag.constructed(0))
            try parts.end()
            var fields = try signed.fields()
            _ = try fields.version(upTo: 1)
            // The requester's name says nothing that a signature does not prove.
            _ = fields.optional(DERTag.constructed(1))
            guard let list = fields.optional(DERTag.sequence) else { throw EncodingFault("no list of certificates") }
            for request in try list.fields() {
                guard self.certificates.count < OCSPRequest.maximumCertificates else {
                    throw EncodingFault("more than \(OCSPRequest.maximumCertificates) certificates in one request")
                }
                var parts = try request.fields()
                let id = try parts.next(orFault: EncodingFault("a request without a certificate ID"))
                self.certificates.append(try OCSPCertificateID(id))
                // A service locator says where else to ask, which the authority that issued has no need of.
                if let extensions = parts.optional(DERTag.constructed(0)) {
                    var list = try extensions.onlyField().fields()
                    for found in try list.certificateExtensions()
                    where found.isCritical && found.identifier != .ocspServiceLocator {
                        throw Self.unknown(found.identifier)
                    }
                }
                try parts.end()
            }
            guard !self.certificates.isEmpty else { throw EncodingFault("a request about no certificate") }
            let extensions = fields.optional(DERTag.constructed(2))
            try fields.end()
            if let extensions { try self.readExtensions(extensions.onlyField()) }
        }

        private mutating func readExtensions(_ list: DERField) throws(EncodingFault) {
            var fields = try list.fields()
            for (identifier, isCritical, value) in try fields.certificateExtensions() {
                if identifier == .ocspNonce {
                    let nonce = try value.fieldInContent().octetString()
                    // RFC 9654 section 2.1; RFC 8954 had allowed up to 32.
                    guard (1...128).contains(nonce.count) else {
                        throw EncodingFault("a nonce of \(nonce.count) bytes; 1 to 128 are allowed")
                    }
                    self.nonce = Array(nonce)
                } else if isCritical {
                    throw Self.unknown(identifier)
                }
            }
        }

        private static func unknown(_ identifier: OID) -> EncodingFault {
            EncodingFault("the critical extension \(identifier), which is not understood here")
        }
    }
}
