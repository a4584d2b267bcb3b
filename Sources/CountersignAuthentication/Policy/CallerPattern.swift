package import CountersignIdentity

/// Which callers an entry of an allow list is about.
package enum CallerPattern: Sendable, Hashable {
    /// The caller with that ARN.
    case arn(String)
    /// Callers with a SPIFFE ID that fits.
    case spiffe(SPIFFEIDPattern)
    /// The service of that name.
    case service(String)

    /// Reads an ARN, a SPIFFE ID with or without wildcards, or the name of a service.
    ///
    /// - Throws: `IdentityError` when it is none of these.
    package init(parsing text: String) throws(IdentityError) {
        if text.hasPrefix("arn:") {
            self = .arn(text)
        } else if text.hasPrefix("spiffe:") {
            self = .spiffe(try SPIFFEIDPattern(parsing: text))
        } else {
            // A service's name is a segment of its SPIFFE ID, and is checked as such.
            _ = try SPIFFEID(parsing: "spiffe://x/service/\(text)")
            guard !text.contains("/") else {
                throw IdentityError(.invalidSPIFFEID, "a service's name has no slash")
            }
            self = .service(text)
        }
    }

    /// The trust domain that callers have to be of; nil when that is left open.
    package var trustDomain: TrustDomain? {
        if case .spiffe(let pattern) = self { pattern.trustDomain } else { nil }
    }

    /// Whether the caller is one of these.
    package func fits(_ caller: CallerNames) -> Bool {
        switch self {
        case .arn(let arn): caller.arn == arn
        case .spiffe(let pattern): caller.spiffeID.map { pattern.matches($0) } ?? false
        case .service(let name): caller.service == name
        }
    }
}
