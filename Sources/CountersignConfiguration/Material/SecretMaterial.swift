/// The secrets that a configuration names, read once.
package struct SecretMaterial: Sendable {
    private var secrets: [ConfigurationPlace: Secret] = [:]

    /// No secrets.
    package init() {}

    /// The secret of a reference; nil when it could not be read, which has been reported, or belongs to a role that was
    /// not asked for.
    package subscript(reference: SecretReference) -> Secret? { secrets[reference.place] }

    mutating func store(_ secret: Secret, for reference: SecretReference) {
        secrets[reference.place] = secret
    }
}
