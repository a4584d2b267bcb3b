public import CountersignIdentity

/// Who may call a route: one source of a route policy.
public enum PolicySource: Hashable, Sendable, CustomStringConvertible {
    /// One app: `cf:app:{guid}`.
    case app(CloudFoundryGUID)
    /// All apps of a space: `cf:space:{guid}`.
    case space(CloudFoundryGUID)
    /// All apps of an organization: `cf:org:{guid}`.
    case organization(CloudFoundryGUID)
    /// Any app: `cf:any`. Only callers with a Cloud Foundry identity are meant.
    case any
    /// The workloads whose SPIFFE ID matches: `spiffe://{trust domain}/…`.
    case spiffe(SPIFFEIDPattern)

    /// Parses a source in its text form.
    ///
    /// - Throws: ``PolicyError`` with `invalidSource`.
    public init(parsing text: some StringProtocol) throws(PolicyError) {
        let text = String(text)
        do throws(IdentityError) {
            if text == "cf:any" {
                self = .any
            } else if let guid = Self.suffix(of: text, after: "cf:app:") {
                self = .app(try CloudFoundryGUID(parsing: guid))
            } else if let guid = Self.suffix(of: text, after: "cf:space:") {
                self = .space(try CloudFoundryGUID(parsing: guid))
            } else if let guid = Self.suffix(of: text, after: "cf:org:") {
                self = .organization(try CloudFoundryGUID(parsing: guid))
            } else if text.utf8.starts(with: "spiffe:".utf8) {
                self = .spiffe(try SPIFFEIDPattern(parsing: text))
            } else {
                throw IdentityError(
                    .invalidSPIFFEPattern,
                    """
                    \(IdentityError.excerpt(of: text)) is not a source; write cf:app:GUID, cf:space:GUID, cf:org:GUID, \
                    cf:any or spiffe://TRUST-DOMAIN/PATH
                    """
                )
            }
        } catch {
            throw PolicyError(.invalidSource, error.message)
        }
    }

    /// The text form, for people and logs.
    public var description: String {
        switch self {
        case .app(let guid): "cf:app:\(guid)"
        case .space(let guid): "cf:space:\(guid)"
        case .organization(let guid): "cf:org:\(guid)"
        case .any: "cf:any"
        case .spiffe(let pattern): pattern.description
        }
    }

    /// Appends the text form without making a string.
    public func append(to output: inout [UInt8]) {
        switch self {
        case .app(let guid):
            output.append(contentsOf: "cf:app:".utf8)
            guid.append(to: &output)
        case .space(let guid):
            output.append(contentsOf: "cf:space:".utf8)
            guid.append(to: &output)
        case .organization(let guid):
            output.append(contentsOf: "cf:org:".utf8)
            guid.append(to: &output)
        case .any:
            output.append(contentsOf: "cf:any".utf8)
        case .spiffe(let pattern):
            output.append(contentsOf: pattern.description.utf8)
        }
    }

    private static func suffix(of text: String, after prefix: String) -> Substring? {
        text.utf8.starts(with: prefix.utf8)
            ? text[text.utf8.index(text.startIndex, offsetBy: prefix.utf8.count)...] : nil
    }
}
