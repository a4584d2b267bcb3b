/// What a private key is encrypted with: a secret that no description, dump or error shows.
package struct Passphrase: Sendable {
    /// The bytes, UTF-8 where a person typed them: a secret.
    let bytes: [UInt8]

    /// The fewest characters of a passphrase that a new key is encrypted with.
    package static let minimumLength = 12

    /// The most bytes that are taken.
    package static let maximumSize = 1_024

    /// Takes a passphrase as it is, such as one for a key that somebody else encrypted.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Takes the first line of a file's content.
    ///
    /// - Throws: ``PKIError`` with `weakPassphrase` when more than one line, or nothing at all, is there: which of them
    ///   was meant cannot be known.
    package init(fileContent: [UInt8]) throws(PKIError) {
        var content = fileContent[...]
        if content.last == UInt8(ascii: "\n") { content.removeLast() }
        if content.last == UInt8(ascii: "\r") { content.removeLast() }
        guard !content.contains(where: { $0 == UInt8(ascii: "\n") || $0 == 0 }), content.count <= Self.maximumSize
        else {
            throw PKIError(
                .weakPassphrase,
                "the passphrase must be one line of at most \(Self.maximumSize) bytes and nothing else"
            )
        }
        guard !content.isEmpty else { throw PKIError(.weakPassphrase, "the passphrase is empty") }
        self.bytes = Array(content)
    }

    /// Refuses a passphrase that a new key should not be encrypted with: one that is short, not UTF-8, or of a few
    /// characters repeated.
    ///
    /// - Throws: ``PKIError`` with `weakPassphrase`.
    package func checkStrength() throws(PKIError) {
        guard let text = String(validating: self.bytes, as: UTF8.self) else {
            throw PKIError(.weakPassphrase, "the passphrase is not UTF-8 text")
        }
        guard text.count >= Self.minimumLength else {
            throw PKIError(
                .weakPassphrase,
                "the passphrase has \(text.count) characters; at least \(Self.minimumLength) are needed"
            )
        }
        guard Set(text).count >= Self.minimumVariety else {
            throw PKIError(
                .weakPassphrase,
                "the passphrase repeats a few characters; at least \(Self.minimumVariety) different ones are needed"
            )
        }
    }

    /// Whether both are the same.
    package func isSame(as other: Passphrase) -> Bool {
        self.bytes == other.bytes
    }

    private static let minimumVariety = 5
}

extension Passphrase: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A word in the place of the secret.
    package var description: String { "passphrase" }

    /// A word in the place of the secret.
    package var debugDescription: String { self.description }

    /// Nothing: a dump of a structure that holds a passphrase must not show it.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
