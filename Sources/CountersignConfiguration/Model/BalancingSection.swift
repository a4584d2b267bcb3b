import CountersignIdentity

/// How requests are spread over endpoints: the section `router.balancing`.
package struct BalancingSection: Hashable, Sendable {
    /// How the next endpoint is found.
    package enum Algorithm: String, CaseIterable, Hashable, Sendable {
        /// Each in its turn.
        case roundRobin = "round-robin"
        /// The one with the fewest requests to answer.
        case leastConnection = "least-connection"
    }

    /// Whether endpoints of the router's own availability zone go first.
    package enum ZonePreference: String, CaseIterable, Hashable, Sendable {
        /// They do not.
        case none
        /// They do, for the first attempt of a request.
        case locallyOptimistic = "locally-optimistic"
    }

    /// What counts for routes that do not say it.
    package var algorithm = Algorithm.roundRobin

    /// The router's own availability zone; nil when it has none.
    package var zone: String?

    /// Whether endpoints of ``zone`` go first.
    package var zonePreference = ZonePreference.none

    /// How long an endpoint that is new or back takes to come to its full share.
    package var slowStart = Duration.zero

    /// The cookies of backends that begin a session; empty for no sticky sessions.
    package var stickyCookies = ["JSESSIONID"]

    /// Whether the router's cookie is `Secure` whatever the backend's is.
    package var securesCookies = false

    /// The section's defaults.
    package init() {}
}

extension BalancingSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `algorithm` (`round-robin` or `least-connection`, default `round-robin`)
    /// - `zone` (text, default none), `zone_preference` (`none` or `locally-optimistic`, default `none`)
    /// - `slow_start` (0s...15m, default 0s)
    /// - `sticky_session_cookie_names` (list of texts, default `JSESSIONID`), `secure_cookies` (boolean, default false)
    static func read(_ value: ValueReader) -> BalancingSection? {
        value.mapping("the keys of \"balancing\"") { reader in
            var section = BalancingSection()
            section.algorithm = reader.choice("algorithm", default: section.algorithm)
            section.zone = reader.value("zone")?.text()
            section.zonePreference = reader.choice("zone_preference", default: section.zonePreference)
            if section.zonePreference != .none, section.zone == nil {
                reader.reportMissing("zone", "zone_preference prefers endpoints of the router's own zone")
            }
            section.slowStart = reader.duration(
                "slow_start",
                default: section.slowStart,
                in: .zero ... .seconds(900)
            )
            if let names = reader.value("sticky_session_cookie_names")?.listOrSingle(of: "names", atMost: 16) {
                section.stickyCookies = names.compactMap(readCookieName)
            }
            section.securesCookies = reader.boolean("secure_cookies", default: section.securesCookies)
            return section
        }
    }

    private static func readCookieName(_ value: ValueReader) -> String? {
        guard let name = value.text() else { return nil }
        let separators = "()<>@,;:\\\"/[]?={}"
        guard name.utf8.count <= 128, name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !name.contains(where: separators.contains)
        else {
            value.fail("\(IdentityError.excerpt(of: name)) is no name of a cookie")
            return nil
        }
        return name
    }
}
