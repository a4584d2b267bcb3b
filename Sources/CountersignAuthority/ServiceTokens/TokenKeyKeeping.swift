/// Where the signing keys of tokens outlast the process: content that holds secrets.
package protocol TokenKeyKeeping: Sendable {
    /// What was saved last; nil when nothing ever was.
    ///
    /// - Throws: when it is there and cannot be read, or could have been read by others.
    func load() throws -> [UInt8]?

    /// Saves in the place of what was there; when it returns, the content outlasts a crash of the system.
    ///
    /// - Throws: when it cannot; then the content before is still there.
    func save(_ content: [UInt8]) throws
}
