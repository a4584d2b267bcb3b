package import CountersignIdentity

/// Which callers an entry of an allow list is about.
package enum CallerPattern: Sendable, Hashable {
    /// The caller with that ARN.
    case arn(String)
    /// Callers with a SPIFFE ID that fits.
    case spiffe(SPIFFEIDPattern)
    /// The service with one of these SPIFFE IDs, or whose certificate names no service in a SPIFFE ID and which has that
    /// name by the word of a TLS terminator or by a token that is bound to the certificate.
    case service(name: String?, ids: Set<SPIFFEID>)

    /// Reads an ARN, a SPIFFE ID with or without wildcards, or a service as `{name}` or `{namespace}/{name}`.
    ///
    /// - Parameters:
    ///   - text: what was written.
    ///   - domain: where services are at home that are named without their SPIFFE ID; nil where that is not said, so that
    ///     no SPIFFE ID is one of theirs.
    /// - Throws: `IdentityError` when it is none of these, or names a namespace of nowhere.
    package init(parsing text: String, in domain: ServiceDomain? = nil) throws(IdentityError) {
        if text.hasPrefix("arn:") {
            self = .arn(text)
        } else if text.hasPrefix("spiffe:") {
            self = .spiffe(try SPIFFEIDPattern(parsing: text))
        } else {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count <= 2 else {
                throw IdentityError(.invalidSPIFFEID, "a service is written as name, or as namespace/name")
            }
            // Both are segments of the SPIFFE ID, and are checked as such.
            for part in parts { _ = try SPIFFEID(parsing: "spiffe://x/service/\(part)") }
            let namespace = parts.count == 2 ? parts[0] : nil
            guard domain != nil || namespace == nil else {
                throw IdentityError(
                    .invalidSPIFFEID,
                    "\(text) is in a namespace, and the trust domain of named services is not said"
                )
            }
            let name = parts[parts.count - 1]
            self = .service(name: namespace == nil ? name : nil, ids: try domain?.ids(of: name, in: namespace) ?? [])
        }
    }

    /// Whether this is a service that is named, and no SPIFFE ID is its.
    package var isNameAlone: Bool {
        if case .service(_, let ids) = self { ids.isEmpty } else { false }
    }

    /// The trust domain that callers have to be of; nil when that is left open.
    package var trustDomain: TrustDomain? {
        switch self {
        case .arn: nil
        case .spiffe(let pattern): pattern.trustDomain
        case .service(_, let ids): ids.first?.trustDomain
        }
    }

    /// Whether the caller is one of these.
    package func fits(_ caller: CallerNames) -> Bool {
        switch self {
        case .arn(let arn): caller.arn == arn
        case .spiffe(let pattern): caller.spiffeID.map { pattern.matches($0) } ?? false
        case .service(let name, let ids):
            if let id = caller.spiffeID, CallerNames.service(of: id) != nil {
                ids.contains(id)
            } else {
                name != nil && caller.service == name
            }
        }
    }
}
