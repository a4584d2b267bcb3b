/// How long certificates of a profile live, and when they are renewed: an entry of `authority.profiles`.
package struct CertificateProfileSection: Hashable, Sendable {
    /// When a certificate is renewed.
    package enum Renewal: Hashable, Sendable {
        /// At this fraction of its lifetime, between 0 and 1.
        case fraction(Double)

        /// This long before its end.
        case before(Duration)
    }

    /// How long a certificate is valid.
    package var lifetime = Duration.seconds(3600)

    /// When a certificate is renewed.
    package var renewal = Renewal.fraction(0.5)

    /// What keys are for.
    package var usage = Usage.both

    /// The kind of key that the authority makes when it is asked for one.
    package var key = Key.p256

    /// The countries, organizations and organizational units of the subject.
    package var countries: [String] = []
    package var organizations: [String] = []
    package var organizationalUnits: [String] = []

    /// What keys are for.
    package enum Usage: String, CaseIterable, Hashable, Sendable {
        case both
        case server
        case client
    }

    /// The key of the CFSSL API that requests for this profile are authenticated with, by name; nil for none.
    package var authenticationKey: String?

    /// The key before that one, which is still taken.
    package var previousAuthenticationKey: String?

    /// A kind of key.
    package enum Key: String, CaseIterable, Hashable, Sendable {
        case p256
        case p384
        case rsa2048
        case rsa3072
        case rsa4096
    }

    /// The profile `default` when the file does not have it: an hour, renewed at its half.
    package init() {}
}

extension CertificateProfileSection {
    /// The environment variables that override a profile, in whole days.
    struct Variables {
        var lifetime = "CERT_VALIDITY_DAYS"
        var renewal = "ROTATION_THRESHOLD_DAYS"
    }

    /// Reads an entry.
    ///
    /// ## Configuration keys
    /// - `ttl` (10s...3650d, default 1h; for `default` overridden by the environment's `CERT_VALIDITY_DAYS`)
    /// - `renew_at` (0.05...0.95, default 0.5) or `renew_before` (1s...3650d, less than `ttl`; for `default` overridden
    ///   by the environment's `ROTATION_THRESHOLD_DAYS`)
    /// - `usage` (`both`, `server` or `client`, default `both`), `key` (`p256`, `p384`, `rsa2048`, `rsa3072` or
    ///   `rsa4096`, default `p256`)
    /// - `countries`, `organizations`, `organizational_units` (lists of text, default empty)
    /// - `auth_key`, `prev_auth_key` (names of `cfssl.auth_keys`, optional; the second only with the first)
    ///
    /// - Parameter keys: the names of `cfssl.auth_keys`; nil where these are faulty themselves.
    static func read(_ value: ValueReader, variables: Variables?, keys: [String]?) -> CertificateProfileSection? {
        value.mapping("\"ttl\" and \"renew_at\" or \"renew_before\"") { reader in
            var section = read(reader, variables: variables)
            section.authenticationKey = keyName("auth_key", of: keys, reader)
            section.previousAuthenticationKey = keyName("prev_auth_key", of: keys, reader)
            if section.previousAuthenticationKey != nil, !reader.has("auth_key") {
                reader.value("prev_auth_key")?.fail("prev_auth_key is taken beside auth_key, which is missing")
            }
            return section
        }
    }

    /// The profile `default` of a file that does not have it, with the environment's values.
    static func standard(_ reader: MappingReader) -> CertificateProfileSection {
        let place = reader.place.moved(
            line: reader.place.line,
            column: reader.place.column,
            path: "\(reader.place.path).profiles.default"
        )
        let empty = MappingReader(entries: [], place: place, context: reader.context)
        return read(empty, variables: Variables())
    }

    private static func read(_ reader: MappingReader, variables: Variables?) -> CertificateProfileSection {
        var section = CertificateProfileSection()
        let lifetimes = Duration.seconds(10)...Duration.seconds(3650 * 86400)
        let written = reader.value("ttl")
        let lifetime = written?.duration(in: lifetimes)
        let days = variables.flatMap { reader.override("ttl", by: $0.lifetime) }
        section.lifetime = days?.days(in: lifetimes) ?? lifetime ?? section.lifetime

        section.usage = reader.choice("usage", default: section.usage)
        section.key = reader.choice("key", default: section.key)
        section.countries = texts("countries", reader)
        section.organizations = texts("organizations", reader)
        section.organizationalUnits = texts("organizational_units", reader)

        let fraction = reader.value("renew_at")
        let before = reader.value("renew_before")
        if fraction != nil, let before {
            before.fail("renew_at and renew_before exclude each other; keep one of them")
        }
        let threshold = Duration.seconds(1)...Duration.seconds(3650 * 86400)
        let renewalDays = variables.flatMap { reader.override("renew_before", by: $0.renewal) }
        if let duration = renewalDays.map({ $0.days(in: threshold) }) ?? before?.duration(in: threshold) {
            section.renewal = .before(duration)
            let isLifetimeKnown = written == nil || lifetime != nil || days != nil
            if isLifetimeKnown, duration >= section.lifetime {
                let length = DurationText.format(section.lifetime)
                (renewalDays ?? before)?.fail("certificates would be renewed before they are issued: ttl is \(length)")
            }
        } else if let fraction, let number = fraction.decimal(in: 0.05...0.95) {
            section.renewal = .fraction(number)
        }
        return section
    }
}

extension CertificateProfileSection {
    private static func keyName(_ key: String, of known: [String]?, _ reader: MappingReader) -> String? {
        guard let value = reader.value(key), let name = value.text("the name of a key") else { return nil }
        guard let known else { return name }
        guard known.contains(name) else {
            let names = known.sorted().joined(separator: ", ")
            value.fail("there is no key '\(name)' in cfssl.auth_keys; it has \(names.isEmpty ? "none" : names)")
            return nil
        }
        return name
    }

    private static func texts(_ key: String, _ reader: MappingReader) -> [String] {
        reader.value(key)?.listOrSingle(of: "texts", atMost: 10)?.compactMap { $0.text() } ?? []
    }
}

extension ValueReader {
    /// Returns a whole number of days of the environment as a duration within `range`.
    func days(in range: ClosedRange<Duration>) -> Duration? {
        let limits = range.lowerBound.components.seconds / 86400...range.upperBound.components.seconds / 86400
        return integer(in: max(1, Int(limits.lowerBound))...Int(limits.upperBound)).map { .seconds($0 * 86400) }
    }
}
