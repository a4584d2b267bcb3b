/// What came of loading a configuration file.
package struct LoadResult: Sendable {
    /// The configuration; nil when anything refuses it.
    package var configuration: Configuration?

    /// The PEM texts that the configuration names; empty when anything refuses it.
    package var pems = PEMMaterial()

    /// The secrets that the configuration names; empty when anything refuses it.
    package var secrets = SecretMaterial()

    /// Everything that refuses the configuration, in the order of the file.
    package var problems: [ConfigurationProblem] = []

    /// What the operator should know, in the order of the file.
    package var warnings: [ConfigurationProblem] = []

    /// Whether the configuration file itself could not be read.
    package var isFileUnreadable = false
}
