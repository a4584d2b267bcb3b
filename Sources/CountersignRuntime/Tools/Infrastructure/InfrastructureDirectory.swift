import CountersignConfiguration

/// The certificate directory that a command is about.
struct InfrastructureDirectory {
    /// The folder, absolute.
    let path: String

    /// Finds the directory.
    ///
    /// - Parameters:
    ///   - directory: the directory itself; nil with a configuration.
    ///   - configuration: the agent's configuration file; nil with a directory.
    ///   - loader: reads the configuration.
    ///   - folder: the current folder, which relative paths are meant from.
    /// - Throws: ``ToolError`` when not just one of both is given, or the file cannot be used.
    init(
        _ directory: String?,
        _ configuration: String?,
        _ loader: ConfigurationLoader,
        in folder: String
    ) throws(ToolError) {
        let found: String
        switch (directory, configuration) {
        case (let directory?, nil):
            guard directory.unicodeScalars.allSatisfy(Self.isPrintable), !directory.isEmpty else {
                throw ToolError("--dir is empty or has control characters")
            }
            found = directory
        case (nil, let file?):
            let result = loader.load(path: file, role: .agent)
            guard let section = result.configuration?.agent else {
                throw ToolError("\(ConfigurationRefusal(problems: result.problems))")
            }
            found = section.certificateDirectory
        default:
            throw ToolError("name the certificate directory with --dir, or the agent's configuration with --config")
        }
        path = found.hasPrefix("/") ? found : "\(folder)/\(found)"
    }

    /// Whether a program reads the character as one of a text, and not as a control character.
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= 0x20 && scalar.value != 0x7F }
}
