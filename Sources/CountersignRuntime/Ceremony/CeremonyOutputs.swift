import CountersignPKI

/// The files that a step of the ceremony writes; what is in the way is refused before anything is made or asked.
struct CeremonyOutputs {
    private let replaces: Bool

    /// Takes the paths that will be written.
    ///
    /// - Parameter replaces: Whether files that are there are replaced.
    /// - Throws: ``ToolError`` that names the first file in the way.
    init(_ paths: [String], replaces: Bool) throws(ToolError) {
        self.replaces = replaces
        guard !replaces else { return }
        for path in paths where ToolFile.exists(path) {
            throw ToolError("\(PrintableText.escaped(path)) is already there; --force replaces it")
        }
    }

    /// Writes a private key that only its owner may read.
    ///
    /// - Throws: ``ToolError``.
    func writeKey(_ path: String, _ content: String) throws(ToolError) {
        try ToolFile.write(path, content, mode: 0o600, replaces: self.replaces)
    }

    /// Writes what everybody may read.
    ///
    /// - Throws: ``ToolError``.
    func write(_ path: String, _ content: String) throws(ToolError) {
        try ToolFile.write(path, content, mode: 0o644, replaces: self.replaces)
    }
}
