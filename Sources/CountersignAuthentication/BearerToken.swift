/// Reads a bearer token from `Authorization` (RFC 6750 section 2.1).
enum BearerToken {
    /// The most bytes of a token.
    static let maximumBytes = 16_384

    /// The token.
    ///
    /// - Parameter values: every `Authorization` field of the request.
    /// - Returns: nil without a field, or with one of another scheme.
    /// - Throws: `invalid_request` for several fields, and for what is not of the form of a token.
    static func read(_ values: [String]) throws(AuthenticationRefusal) -> String? {
        guard values.count <= 1 else {
            throw AuthenticationRefusal(.invalidRequest, "Authorization is there \(values.count) times")
        }
        guard let value = values.first, !value.isEmpty else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].lowercased() == "bearer" else { return nil }
        let token = parts.count == 2 ? parts[1].utf8.drop { $0 == UInt8(ascii: " ") } : Substring("").utf8
        guard !token.isEmpty, token.count <= maximumBytes, token.allSatisfy(isTokenByte) else {
            throw AuthenticationRefusal(
                .invalidRequest,
                "Authorization: Bearer is followed by 1 to \(maximumBytes) letters, digits and -._~+/="
            )
        }
        return String(decoding: token, as: UTF8.self)
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
            true
        default: false
        }
    }
}
