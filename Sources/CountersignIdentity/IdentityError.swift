/// Why a text is not an identity value.
///
/// The message names what is wrong, where, and what would be right. Input that it repeats is cut to a bounded excerpt
/// with every byte outside printable ASCII escaped, so that it can be logged as it stands. Two errors are equal when
/// their codes are.
public struct IdentityError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure; new kinds may be added.
    public let code: Code
    /// One sentence for a human reader.
    public let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The text form, for people and logs.
    public var description: String { "\(code): \(message)" }

    /// The given text in quotation marks: at most 80 bytes of it, anything that is not printable ASCII escaped; nothing
    /// of one that may hold a private key.
    package static func excerpt(of text: String) -> String {
        excerpt(of: text.utf8)
    }

    /// The given bytes in quotation marks: at most 80 of them, anything that is not printable ASCII escaped; none of
    /// those that may hold a private key.
    package static func excerpt(of bytes: some Collection<UInt8>) -> String {
        guard !KeyMaterial.mayBe(in: bytes) else { return "\"\(KeyMaterial.placeholder)\"" }
        let limit = 80
        var output = "\""
        var count = 0
        for byte in bytes {
            guard count < limit else { return output + "…\"" }
            count += 1
            if (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
                output.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                output += byte < 0x10 ? "\\x0" : "\\x"
                output += String(byte, radix: 16)
            }
        }
        return output + "\""
    }
}

extension IdentityError: Hashable {
    /// Whether both are of the same kind, whatever their messages say.
    public static func == (left: IdentityError, right: IdentityError) -> Bool { left.code == right.code }

    /// Hashes what counts for equality.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

extension IdentityError {
    /// The kind of an ``IdentityError``.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case invalidTrustDomain
            case invalidSPIFFEID
            case invalidSPIFFEPattern
            case invalidDistinguishedName
            case unknownAttributeType
            case invalidCloudFoundryGUID
            case invalidHostName
            case invalidHostPattern
            case invalidAddress
            case invalidAddressBlock
        }

        private let kind: Kind

        /// The text form, for people and logs.
        public var description: String { kind.rawValue }

        /// The text is not a SPIFFE trust domain name.
        public static let invalidTrustDomain = Code(kind: .invalidTrustDomain)
        /// The text is not a SPIFFE ID.
        public static let invalidSPIFFEID = Code(kind: .invalidSPIFFEID)
        /// The text is not a pattern of SPIFFE IDs.
        public static let invalidSPIFFEPattern = Code(kind: .invalidSPIFFEPattern)
        /// The text is not a distinguished name in the form of RFC 4514.
        public static let invalidDistinguishedName = Code(kind: .invalidDistinguishedName)
        /// The attribute type is neither a known short name nor an object identifier.
        public static let unknownAttributeType = Code(kind: .unknownAttributeType)
        /// The text cannot be the GUID of an app, a space or an organization.
        public static let invalidCloudFoundryGUID = Code(kind: .invalidCloudFoundryGUID)
        /// The text is not a host name.
        public static let invalidHostName = Code(kind: .invalidHostName)
        /// The text is neither a host name nor `*.` and a host name.
        public static let invalidHostPattern = Code(kind: .invalidHostPattern)
        /// The text is not an IPv4 or IPv6 address.
        public static let invalidAddress = Code(kind: .invalidAddress)
        /// The text is not a block of addresses.
        public static let invalidAddressBlock = Code(kind: .invalidAddressBlock)
    }
}
