/// A SPIFFE ID: `spiffe://`, a trust domain and a path.
///
/// Parsing follows the SPIFFE ID specification, section 2, without any leniency: lower-case scheme and trust domain, no
/// port, user information, percent-encoding, query or fragment; path segments of `[A-Za-z0-9._-]` that are neither
/// empty nor `.` nor `..`; no trailing slash; at most 2,048 bytes. Two IDs are equal when their bytes are.
public struct SPIFFEID: Sendable, CustomStringConvertible {
    /// The longest ID that is accepted or built, in bytes.
    public static let maximumLength = 2_048

    /// The trust domain that vouches for the ID.
    public let trustDomain: TrustDomain
    /// The whole ID, beginning with `spiffe://`.
    public let description: String

    /// Parses a whole ID.
    ///
    /// - Throws: ``IdentityError`` with `invalidSPIFFEID` or `invalidTrustDomain`.
    public init(parsing text: String) throws(IdentityError) {
        guard text.utf8.count <= Self.maximumLength else {
            throw IdentityError(
                .invalidSPIFFEID,
                "a SPIFFE ID of \(text.utf8.count) bytes is too long; at most \(Self.maximumLength) are allowed"
            )
        }
        guard text.utf8.starts(with: Self.scheme.utf8) else {
            throw IdentityError(
                .invalidSPIFFEID,
                "\(IdentityError.excerpt(of: text)) is not a SPIFFE ID: it does not begin with \(Self.scheme)"
            )
        }
        let rest = text.utf8.dropFirst(Self.scheme.utf8.count)
        let pathStart = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        self.trustDomain = try TrustDomain(parsing: String(text[rest.startIndex..<pathStart]))
        try Self.checkPath(text[pathStart...], of: text)
        self.description = text
    }

    /// The ID of a workload by namespace and service account: `/ns/{namespace}/sa/{serviceAccount}`.
    ///
    /// - Throws: ``IdentityError`` when a part is not exactly one valid path segment, or the whole is too long.
    public static func workload(
        trustDomain: TrustDomain,
        namespace: String,
        serviceAccount: String
    ) throws(IdentityError) -> SPIFFEID {
        try build(trustDomain, segments: ["ns", namespace, "sa", serviceAccount])
    }

    /// The ID of a service by name: `/service/{name}`.
    ///
    /// - Throws: ``IdentityError`` when the name is not exactly one valid path segment, or the whole is too long.
    public static func service(trustDomain: TrustDomain, name: String) throws(IdentityError) -> SPIFFEID {
        try build(trustDomain, segments: ["service", name])
    }

    /// The path with its leading slash; empty when the ID names the trust domain itself.
    public var path: Substring {
        let start = description.utf8.index(description.startIndex, offsetBy: pathOffset)
        return description[start...]
    }

    /// Whether the ID has a path, as the ID in a leaf certificate must.
    public var namesWorkload: Bool { description.utf8.count > pathOffset }

    private static let scheme = "spiffe://"

    private var pathOffset: Int { Self.scheme.utf8.count + trustDomain.name.utf8.count }

    private static func build(_ trustDomain: TrustDomain, segments: [String]) throws(IdentityError) -> SPIFFEID {
        for segment in segments where segment.utf8.contains(UInt8(ascii: "/")) {
            throw IdentityError(
                .invalidSPIFFEID,
                "\(IdentityError.excerpt(of: segment)) holds a slash and so is more than one path segment"
            )
        }
        return try SPIFFEID(parsing: scheme + trustDomain.name + "/" + segments.joined(separator: "/"))
    }

    private static func checkPath(_ path: Substring, of text: String) throws(IdentityError) {
        guard !path.isEmpty else { return }
        for segment in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard isValidSegment(segment) else {
                throw IdentityError(
                    .invalidSPIFFEID,
                    """
                    SPIFFE ID \(IdentityError.excerpt(of: text)) has the path segment \
                    \(IdentityError.excerpt(of: segment)); a segment is one or more of A-Z, a-z, 0-9, '.', '-', '_' \
                    and neither '.' nor '..'
                    """
                )
            }
        }
    }

    /// Whether the bytes can stand between two slashes of a path.
    static func isValidSegment(_ segment: Substring.UTF8View) -> Bool {
        guard !segment.isEmpty, !segment.elementsEqual(".".utf8), !segment.elementsEqual("..".utf8) else {
            return false
        }
        return segment.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
            default: false
            }
        }
    }
}

extension SPIFFEID: Hashable {
    /// Whether both have the same bytes.
    public static func == (left: SPIFFEID, right: SPIFFEID) -> Bool { left.description == right.description }

    /// Hashes what counts for equality.
    public func hash(into hasher: inout Hasher) { hasher.combine(description) }
}
