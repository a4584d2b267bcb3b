import CountersignPKI

/// The files of a root on the offline machine.
struct CeremonyRoot: Sendable {
    /// The root's certificate, PEM.
    let certificate: String
    /// The root's private key, PEM, in a file that nobody else may read.
    let key: String

    /// Opens the root; asks for the passphrase only when the key is encrypted.
    ///
    /// - Throws: ``ToolError`` that names the file.
    func open(_ source: PassphraseSource, now: Int64) throws(ToolError) -> RootAuthority {
        let certificatePEM = try ToolFile.read(certificate)
        let key = try privateKey(try ToolFile.readSecret(self.key), source)
        do {
            return try RootAuthority(certificatePEM: certificatePEM, key: key, now: now)
        } catch {
            throw ToolError(error, inFile: certificate)
        }
    }

    private func privateKey(_ pem: [UInt8], _ source: PassphraseSource) throws(ToolError) -> PrivateKey {
        do {
            return try PrivateKey(pem: pem)
        } catch {
            guard error.code == .encryptedKey, PrivateKey.canBeOpened(pem: pem) else {
                throw ToolError(error, inFile: key)
            }
        }
        let passphrase = try source.existing(for: "the root's key")
        do {
            return try PrivateKey(pem: pem, passphrase: passphrase)
        } catch {
            throw ToolError(error, inFile: key)
        }
    }
}
