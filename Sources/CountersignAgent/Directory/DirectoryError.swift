/// Why an identity in the certificate directory is not used.
package struct DirectoryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of problem.
    package let code: Code
    /// One sentence for the operator, with the path.
    package let message: String

    /// The kinds of problem.
    package enum Code: String, Sendable, CaseIterable {
        /// Another agent works with the directory.
        case locked
        /// Something stands where the agent's link belongs.
        case occupied
        /// A file is missing, damaged, or does not belong to the others.
        case damaged
        /// A private key could be read by others than its owner.
        case exposedKey = "exposed_key"
    }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
