/// How the authority issues tokens: the section `authority.tokens`.
package struct TokenIssuanceSection: Hashable, Sendable {
    /// `iss` of service tokens; nil for the authority's `public_url`.
    package var issuer: String?

    /// The lifetime of a token for which none is asked.
    package var lifetime = Duration.seconds(300)

    /// The longest lifetime that may be asked for.
    package var maximumLifetime = Duration.seconds(900)

    /// Whom tokens of every service may be for.
    package var audiences: [String] = []

    /// The kind of signing keys.
    package var key = CertificateProfileSection.Key.p256

    /// Where signing keys are kept; nil for `token-keys.json` beside the inventory.
    package var keysPath: String?

    /// How long a key signs.
    package var rotation = Duration.seconds(7 * 86_400)

    /// How long a key is published before it signs.
    package var lead = Duration.seconds(3_600)

    /// Tokens that one service or agent may have in a second, on average; twenty times as many at once.
    package var rate = 50

    /// The section's defaults.
    package init() {}
}

extension TokenIssuanceSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `issuer` (text of at most 256 characters, default `public_url`)
    /// - `ttl` (10s...1d, default 5m, or `max_ttl` where that is less), `max_ttl` (10s...1d, default 15m)
    /// - `audiences` (list of texts, at most 32, default empty)
    /// - `key` (`p256`, `p384`, `rsa2048`, `rsa3072` or `rsa4096`, default `p256`)
    /// - `keys_path` (path, default `token-keys.json` beside the inventory)
    /// - `rotation` (1m...365d, default 7d), `publish_ahead` (1s...30d and at most half of `rotation`, default 1h or that)
    /// - `rate` (1...10000 a second, default 50)
    ///
    /// - Parameter hasPublicURL: whether the authority has one.
    static func read(_ value: ValueReader, hasPublicURL: Bool) -> TokenIssuanceSection? {
        value.mapping("the keys of \"tokens\"") { reader in
            var section = TokenIssuanceSection()
            section.issuer = reader.value("issuer").flatMap { issuer in
                issuer.grantText(ServiceTokenSection.text)
            }
            if section.issuer == nil, !hasPublicURL, !reader.has("issuer") {
                reader.reportMissing("issuer", "what tokens say who made them, as there is no public_url")
            }
            section.readLifetimes(reader)
            section.readRotation(reader)
            section.audiences = reader.value("audiences")?.grant(ServiceTokenSection.text) ?? []
            section.key = reader.choice("key", default: .p256)
            section.keysPath = reader.value("keys_path")?.path()
            section.rate = reader.integer("rate", default: section.rate, in: 1...10_000)
            return section
        }
    }

    private mutating func readLifetimes(_ reader: MappingReader) {
        let range = Duration.seconds(10) ... .seconds(86_400)
        maximumLifetime = reader.duration("max_ttl", default: maximumLifetime, in: range)
        lifetime = reader.duration("ttl", default: min(lifetime, maximumLifetime), in: range)
        if lifetime > maximumLifetime {
            reader.value("ttl")?.fail("expected at most max_ttl, which is \(DurationText.format(maximumLifetime))")
        }
    }

    private mutating func readRotation(_ reader: MappingReader) {
        rotation = reader.duration("rotation", default: rotation, in: .seconds(60) ... .seconds(365 * 86_400))
        let half = rotation / 2
        lead = reader.duration("publish_ahead", default: min(lead, half), in: .seconds(1) ... .seconds(30 * 86_400))
        if lead > half {
            reader.value("publish_ahead")?.fail(
                "expected at most half of rotation, which is \(DurationText.format(rotation))"
            )
        }
    }
}
