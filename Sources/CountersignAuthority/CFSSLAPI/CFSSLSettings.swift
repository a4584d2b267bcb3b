/// What the CFSSL-compatible API lets whom do.
package struct CFSSLSettings: Sendable {
    /// Whether callers on this host need no proof of who they are, for profiles without a key.
    package var allowsUnauthenticated = false
    /// The keys that requests for a profile are authenticated with, by the profile's name.
    package var profileKeys: [String: ProfileKeys] = [:]
    /// How far the time of an authenticated request may be from now, in seconds; tokens are remembered twice as long.
    package var timestampWindowSeconds: Int64 = 300
    /// How many keys may be generated, or wait for it, at once.
    package var keyGenerations = 64

    package init() {}

    /// The keys of one profile.
    package struct ProfileKeys: Sendable {
        /// The key to use.
        package var current: CFSSLKey
        /// The one before, still good while callers change over.
        package var previous: CFSSLKey?

        package init(current: CFSSLKey, previous: CFSSLKey? = nil) {
            self.current = current
            self.previous = previous
        }

        /// Whether a key of that name is one of them.
        func include(_ name: String) -> Bool { current.name == name || previous?.name == name }
    }

    /// The profile that a request means which names none, as far as authentication is concerned.
    static let defaultProfile = "default"
}
