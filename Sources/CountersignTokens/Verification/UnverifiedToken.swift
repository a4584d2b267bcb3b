import CountersignJSON
import CountersignPKI

/// A token in compact form (RFC 7515 section 7.1), taken apart; nothing that it says is to be believed.
package struct UnverifiedToken: Sendable {
    /// `alg` as it stands there; nil when there is none.
    package let algorithm: String?
    /// `kid`; nil when there is none.
    package let keyID: String?
    /// `typ`; nil when there is none.
    package let type: String?
    /// The decoded header.
    package let header: [UInt8]
    /// The decoded payload.
    package let payload: [UInt8]
    /// The names of the header's other members, in order.
    let otherHeaders: [String]
    /// The decoded signature.
    let signature: [UInt8]
    /// What is signed: header and payload as they were sent, with the point between.
    let signedBytes: [UInt8]

    /// The longest token that is read, in bytes.
    package static let maximumSize = 8 * 1_024

    /// Takes a token apart.
    ///
    /// - Throws: ``TokenRejection`` with `tooLarge`, `notCompact`, `encrypted`, `malformedEncoding`, `malformedHeader`,
    ///   `unsigned`, `criticalExtension`, `embeddedKey` or `nested`.
    package init(parsing token: some Collection<UInt8>) throws(TokenRejection) {
        guard token.count <= Self.maximumSize else {
            throw TokenRejection(.tooLarge, "the token has \(token.count) bytes; at most \(Self.maximumSize) are read")
        }
        let bytes = Array(token)
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count != 5 else {
            throw TokenRejection(.encrypted, "the token is encrypted; only signed tokens are read")
        }
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw TokenRejection(.notCompact, "a token is a header, claims and a signature with points between them")
        }
        self.header = try Self.decoded(parts[0], "header")
        self.payload = try Self.decoded(parts[1], "payload")
        self.signature = try Self.decoded(parts[2], "signature")
        self.signedBytes = Array(bytes[..<parts[1].endIndex])
        let fields = try TokenHeader(parsing: header)
        self.algorithm = fields.algorithm
        self.keyID = fields.keyID
        self.type = fields.type
        self.otherHeaders = fields.others
        // A payload that is a token in turn: what is inside was signed by whoever, and means something else.
        guard !fields.isNested, !payload.starts(with: "eyJ".utf8) else {
            throw TokenRejection(.nested, "the payload is another token; claims are expected")
        }
    }

    private static func decoded(_ part: ArraySlice<UInt8>, _ name: String) throws(TokenRejection) -> [UInt8] {
        guard let bytes = Base64.decodeURL(Array(part)) else {
            throw TokenRejection(.malformedEncoding, "the \(name) is not base64url without padding")
        }
        return bytes
    }
}

/// The header of a token (RFC 7515 section 4.1).
private struct TokenHeader {
    let algorithm: String?
    let keyID: String?
    let type: String?
    let others: [String]
    let isNested: Bool

    init(parsing bytes: [UInt8]) throws(TokenRejection) {
        do throws(JSONError) {
            let document = try JSONValue(parsing: bytes)
            let object = try JSONObject(document, at: "header", known: nil, allowsNull: false)
            let members = if case .object(let members) = document { members } else { [JSONValue.Member]() }
            self.algorithm = try object.string("alg")
            self.keyID = try object.string("kid")
            self.type = try object.string("typ")
            let content = try object.string("cty")?.lowercased()
            self.isNested = content.map { $0 == "jwt" || $0.hasSuffix("/jwt") } ?? false
            self.others = members.map(\.name).filter { !["alg", "kid", "typ"].contains($0) }
        } catch {
            throw TokenRejection(.malformedHeader, "\(error)")
        }
        try check()
    }

    private func check() throws(TokenRejection) {
        guard let algorithm, !algorithm.isEmpty, algorithm.lowercased() != "none" else {
            throw TokenRejection(.unsigned, "the token is not signed")
        }
        guard keyID.map({ (1...JSONWebKey.maximumKeyIDLength).contains($0.utf8.count) }) ?? true else {
            throw TokenRejection(
                .malformedHeader,
                "header.kid: expected 1 to \(JSONWebKey.maximumKeyIDLength) bytes"
            )
        }
        for name in others {
            switch name {
            case "crit", "b64":
                throw TokenRejection(.criticalExtension, "header.\(name): no extension is understood")
            case "jku", "jwk", "x5u", "x5c":
                throw TokenRejection(
                    .embeddedKey,
                    "header.\(name): keys come from the issuer's key set, never from the token"
                )
            case "enc", "zip":
                throw TokenRejection(.encrypted, "header.\(name): only signed tokens are read, and none is compressed")
            default: break
            }
        }
    }
}
