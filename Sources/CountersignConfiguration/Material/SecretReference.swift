/// Where a secret of the configuration comes from.
package struct SecretReference: Sendable {
    /// The source of a secret.
    package enum Source: Sendable {
        /// The text stands in the configuration or comes from the environment.
        case value(Secret)

        /// The text is in a file; one line break at its end is not part of it.
        case file(String)
    }

    /// The source of the secret.
    package var source: Source

    /// Where the configuration names it.
    package var place: ConfigurationPlace
}
