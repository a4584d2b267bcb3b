import CountersignIdentity

/// A service that gets certificates: an element of the list `authority.services`.
package struct RegisteredServiceSection: Hashable, Sendable {
    /// The service's name.
    package var name: String

    /// The service's namespace.
    package var namespace: String

    /// The name of the profile of its certificates.
    package var profile: String

    /// Who answers for the service; nil when nobody is named.
    package var owner: String?
}

extension RegisteredServiceSection {
    /// Reads an element of the list.
    ///
    /// ## Configuration keys
    /// - `name` (name, required), `namespace` (name, default `default`)
    /// - `profile` (a name of `profiles`, default `default`), `owner` (text, optional)
    static func read(_ value: ValueReader, profiles: [String]) -> RegisteredServiceSection? {
        value.mapping("a service with \"name\"") { reader in
            let name = reader.required("name", "the service's name")?.identityName("a service name")
            let namespace = reader.value("namespace")?.identityName("a namespace") ?? "default"
            let owner = reader.value("owner")?.text()
            let profileValue = reader.value("profile")
            let profile = profileValue?.text("the name of a profile") ?? "default"
            if !profiles.contains(profile) {
                profileValue?.fail(
                    "there is no profile \(IdentityError.excerpt(of: profile))",
                    suggestion: KeySuggestion.nearest(to: profile, among: profiles)
                )
            }
            guard let name else { return nil }
            return RegisteredServiceSection(name: name, namespace: namespace, profile: profile, owner: owner)
        }
    }
}
