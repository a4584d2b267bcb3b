import CountersignIdentity
import CountersignPKI

/// What the options of the ceremony say about an authority's name and its time.
package struct CeremonyNames: Sendable {
    /// The common name.
    package var commonName: String
    /// The organization.
    package var organization: String?
    /// The country, two letters.
    package var country: String?

    /// A name.
    package init(commonName: String, organization: String? = nil, country: String? = nil) {
        self.commonName = commonName
        self.organization = organization
        self.country = country
    }

    /// The subject, the most general attribute first.
    var subject: DistinguishedName {
        var levels: [RelativeDistinguishedName] = []
        if let country { levels.append(.init(.country, country)) }
        if let organization { levels.append(.init(.organization, organization)) }
        levels.append(.init(.commonName, self.commonName))
        return DistinguishedName(encodingOrder: levels)
    }

    /// Seconds of a number of days.
    ///
    /// - Throws: ``ToolError`` for none, or for more than an authority may live.
    static func seconds(days: Int) throws(ToolError) -> Int64 {
        let limit = Int(AuthorityProfile.maximumLifetimeSeconds / 86_400)
        guard (1...limit).contains(days) else { throw ToolError("--days \(days) must be from 1 to \(limit)") }
        return Int64(days) * 86_400
    }

    /// The kind of key that an option names.
    ///
    /// - Throws: ``ToolError`` that lists what is allowed.
    static func keyKind(_ text: String) throws(ToolError) -> PrivateKey.Kind {
        guard let kind = PrivateKey.Kind(rawValue: text) else {
            let kinds = PrivateKey.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ToolError("--key '\(PrintableText.escaped(text))' must be one of \(kinds)")
        }
        return kind
    }

    /// A trust domain that an option names.
    ///
    /// - Throws: ``ToolError``.
    static func trustDomain(_ text: String) throws(ToolError) -> TrustDomain {
        do {
            return try TrustDomain(parsing: text)
        } catch {
            throw ToolError(error.message)
        }
    }
}
