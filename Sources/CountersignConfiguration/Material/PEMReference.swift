/// PEM text that the configuration names, and where it does.
package struct PEMReference: Hashable, Sendable {
    /// What the text has to hold.
    package enum Content: String, Hashable, Sendable {
        /// One certificate or more.
        case certificates

        /// One private key.
        case privateKey

        /// One certificate revocation list or more.
        case revocationLists

        /// A JSON Web Key set, which is no PEM.
        case keySet
    }

    /// Where the text comes from.
    package var source: PEMSource

    /// What the text has to hold.
    package var content: Content

    /// Where the configuration names it.
    package var place: ConfigurationPlace

    /// Whether the text itself stands in the configuration file, so that whoever reads the file has it.
    package var standsInConfigurationFile: Bool

    /// Whether what is given as a path may be a key without the lines around it, so that no message repeats it.
    package var mayBeKey: Bool

    /// Whether the file may be missing, as something else makes it later.
    package var mayBeMissing = false

    /// A problem with what the text holds, at the place where the configuration names it.
    package func problem(_ message: String) -> ConfigurationProblem {
        let subject =
            switch source {
            case .path(let path): "the file \(path)"
            case .inline: "the PEM text"
            }
        return ConfigurationProblem(place: place, message: "\(subject): \(message)")
    }

    /// Makes a reference from its parts.
    package init(
        source: PEMSource,
        content: Content,
        place: ConfigurationPlace,
        standsInConfigurationFile: Bool = false,
        mayBeKey: Bool = false
    ) {
        self.source = source
        self.content = content
        self.place = place
        self.standsInConfigurationFile = standsInConfigurationFile
        self.mayBeKey = mayBeKey
    }
}
