package import CountersignPKI

/// Where the passphrase of a private key comes from: a file that nobody else may read, or the person at the terminal.
///
/// Never an argument or a variable of the environment: other processes can read both.
package struct PassphraseSource: Sendable {
    /// The file, or nil to ask.
    private let file: String?

    /// Asks at the terminal, with the words given.
    private let prompt: @Sendable (String) throws(ToolError) -> Passphrase

    /// A source.
    ///
    /// - Parameters:
    ///   - file: A file of mode 0600 with one line; nil to ask at the terminal.
    ///   - prompt: Asks for one line without showing it.
    package init(
        file: String?,
        prompt: @escaping @Sendable (String) throws(ToolError) -> Passphrase = TerminalPrompt.passphrase
    ) {
        self.file = file
        self.prompt = prompt
    }

    /// The passphrase for a new key: strong, and typed twice where it is typed.
    ///
    /// - Throws: ``ToolError``.
    package func new(for purpose: String) throws(ToolError) -> Passphrase {
        let passphrase = try self.existing(for: "\(purpose) (at least \(Passphrase.minimumLength) characters)")
        do {
            try passphrase.checkStrength()
        } catch {
            throw ToolError(error.message)
        }
        guard self.file == nil else { return passphrase }
        guard try self.prompt("The same again: ").isSame(as: passphrase) else {
            throw ToolError("the two passphrases are not the same; nothing was written")
        }
        return passphrase
    }

    /// The passphrase of a key that is there.
    ///
    /// - Throws: ``ToolError``.
    package func existing(for purpose: String) throws(ToolError) -> Passphrase {
        guard let file else { return try self.prompt("Passphrase for \(purpose): ") }
        let content = try ToolFile.readSecret(file, holding: "a passphrase")
        do {
            return try Passphrase(fileContent: content)
        } catch {
            throw ToolError(error, inFile: file)
        }
    }
}
