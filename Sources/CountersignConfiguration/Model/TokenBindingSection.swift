/// Tokens that callers of a domain must show, bound to their certificates: the section `token_binding` of a domain.
package struct TokenBindingSection: Hashable, Sendable {
    /// The kinds of token.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Service tokens of an authority of this product.
        case service
        /// Access tokens of any issuer.
        case bearer
    }

    /// The issuer's key set.
    package var keys: PEMReference

    /// Where the keys are published; nil when the file alone says.
    ///
    /// With it, ``keys`` is a path, and may be missing.
    package var source: KeySetSourceSection?

    /// Who has to have made a token.
    package var issuer: String

    /// Whom it may be for: one of these.
    package var audiences: [String]

    /// The kind of token.
    package var kind = Kind.service

    /// How far clocks may be apart.
    package var skew = Duration.seconds(30)
}

extension TokenBindingSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `keys` (path of a JSON Web Key set, required), `issuer` (text, required)
    /// - `keys_url`, `keys_ca_certs`, `keys_refresh_interval` (see ``KeySetSourceSection``)
    /// - `audiences` (text or list, at most 32, required)
    /// - `kind` (`service` or `bearer`, default `service`), `skew` (0s...5m, default 30s)
    static func read(_ value: ValueReader) -> TokenBindingSection? {
        value.mapping("\"keys\", \"issuer\" and \"audiences\"") { reader in
            var keys = reader.required("keys", "the file with the issuer's public keys, a JSON Web Key set")?
                .pem(.keySet)
            let source = KeySetSourceSection.read(reader)
            keys?.mayBeMissing = source != nil
            let issuer = reader.required("issuer", "who has to have made the tokens")?
                .grantText(ServiceTokenSection.text)
            let audiences = reader.required("audiences", "whom the tokens have to be for")
            let names = audiences?.grant(ServiceTokenSection.text) ?? []
            if let audiences, names.isEmpty { audiences.fail("the list is empty; name whom the tokens are for") }
            let kind: Kind = reader.choice("kind", default: .service)
            let skew = reader.duration("skew", default: .seconds(30), in: .zero ... .seconds(300))
            guard let keys, let issuer else { return nil }
            return TokenBindingSection(
                keys: keys,
                source: source,
                issuer: issuer,
                audiences: names,
                kind: kind,
                skew: skew
            )
        }
    }
}
