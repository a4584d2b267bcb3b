/// Reads the files that a configuration names.
package protocol ConfigurationFileReader: Sendable {
    /// Returns what a file holds.
    ///
    /// - Parameters:
    ///   - path: The path as the process can open it.
    ///   - maximumBytes: How much is read; a longer file is refused.
    /// - Throws: ``FileReadError``.
    func read(_ path: String, maximumBytes: Int) throws(FileReadError) -> FileContents
}
