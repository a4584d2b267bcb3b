package import CountersignIdentity

/// Whose tokens are good, and for whom: the section `authz.tokens`.
package struct TokenIssuerSection: Sendable {
    /// The kinds of tokens.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Service tokens of a Countersign authority, which are always bound to a certificate.
        case service
        /// JWT-SVIDs.
        case svid
        /// Access tokens of any issuer.
        case bearer
    }

    /// The file with the issuer's keys, as a JSON Web Key Set.
    package var keySetPath: String

    /// Where ``keySetPath`` is configured.
    package var keySetPlace: ConfigurationPlace

    /// Where the keys are published; nil when the file alone says.
    package var source: KeySetSourceSection?

    /// The kind of tokens.
    package var kind = Kind.bearer

    /// Who has to have made a token; nil for whoever has the keys.
    package var issuer: String?

    /// Whom a token may be for: it names one of these.
    package var audiences: [String] = []

    /// The trust domain of a token's subject; nil when it is free.
    package var trustDomain: TrustDomain?

    /// How far clocks may be apart.
    package var skew = Duration.seconds(30)

    /// The longest lifetime of a token.
    package var maximumLifetime = Duration.seconds(86_400)
}

extension TokenIssuerSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `keys` (path, required): a JSON Web Key Set
    /// - `keys_url`, `keys_ca_certs`, `keys_refresh_interval` (see ``KeySetSourceSection``)
    /// - `audiences` (text or list of texts, required)
    /// - `kind` (`bearer`, `service` or `svid`, default `bearer`)
    /// - `issuer` (text; required unless `kind` is `svid`)
    /// - `trust_domain` (trust domain; required when `kind` is `svid`)
    /// - `skew` (0s...5m, default 30s), `max_lifetime` (1s...30d, default 1d)
    static func read(_ value: ValueReader) -> TokenIssuerSection? {
        value.mapping("the keys of \"tokens\"") { reader in
            let keys = reader.required("keys", "the file with the public keys of the issuer")
            // Without it, too, the rest is read: keys that are not would be called unknown.
            var section = TokenIssuerSection(keySetPath: keys?.path() ?? "", keySetPlace: keys?.place ?? reader.place)
            section.source = KeySetSourceSection.read(reader)
            section.kind = reader.choice("kind", default: section.kind)
            section.issuer = reader.value("issuer")?.text()
            section.trustDomain = reader.value("trust_domain")?.parsed("a trust domain", TrustDomain.init(parsing:))
            section.audiences =
                reader.required("audiences", "whom tokens have to be for, so that those for others are refused")?
                .listOrSingle(of: "audiences", atMost: 64)?.compactMap { $0.text() } ?? []
            section.skew = reader.duration("skew", default: section.skew, in: .zero...Duration.seconds(300))
            section.maximumLifetime = reader.duration(
                "max_lifetime",
                default: section.maximumLifetime,
                in: .seconds(1)...Duration.seconds(30 * 86400)
            )
            if section.kind == .svid, section.trustDomain == nil {
                reader.reportMissing("trust_domain", "keys of SVIDs speak for one trust domain, which has to be named")
            }
            if section.kind != .svid, section.issuer == nil {
                reader.reportMissing("issuer", "who makes the tokens, so that those of others are refused")
            }
            return keys == nil ? nil : section
        }
    }
}
