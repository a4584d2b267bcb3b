import CountersignFiles
import CountersignPKI
package import CountersignTransport
import Glibc

extension CertificateDirectory {
    /// Puts an identity in place of the one that a name has.
    ///
    /// When it returns, the identity outlasts a crash of the system; when it throws, the one before is still in place,
    /// or the new one whole.
    ///
    /// - Parameters:
    ///   - identity: what is put in place.
    ///   - name: the name of the service.
    ///   - access: who may read the private key; nil for this process's user alone.
    /// - Throws: `SystemError` that names the file or folder, ``DirectoryError`` with `occupied`.
    package func publish(_ identity: HeldIdentity, as name: String, access: KeyAccess? = nil) throws {
        try checkLink(of: name)
        let generation = Generation(name: name, number: (numbers(of: name).last ?? 0) + 1)
        let unfinished = "\(generations)/\(generation.unfinishedFolder)"
        do throws(SystemError) {
            try Folder.removeFlat(unfinished)
            try write(identity, to: unfinished, isPrivate: name == Self.agentName, access)
            guard unsafe rename(unfinished, folder(of: generation)) == 0 else {
                throw SystemError(action: "rename \(unfinished)")
            }
            try Folder.sync(generations)
            try SymbolicLink.point(link(of: name), to: generation.linkTarget, beside: "\(path)/.\(name).link")
        } catch {
            try? Folder.removeFlat(unfinished)
            // The last step can fail after the link points there.
            if (try? currentGeneration(of: name)) != generation { try? Folder.removeFlat(folder(of: generation)) }
            throw error
        }
        prune(name)
    }

    /// Replaces the trust bundle.
    ///
    /// - Throws: `SystemError` that names the file.
    package func writeBundle(_ pem: [UInt8]) throws(SystemError) {
        try AtomicFile.write(pem, to: bundlePath, mode: 0o644)
    }

    /// Replaces the revocation lists.
    ///
    /// - Throws: `SystemError` that names the file.
    package func writeRevocationLists(_ pem: [UInt8]) throws(SystemError) {
        try AtomicFile.write(pem, to: revocationListsPath, mode: 0o644)
    }

    /// Gives the private key of a name's current identity to those who may read it.
    ///
    /// - Throws: `SystemError` that names the file.
    package func apply(_ access: KeyAccess, to name: String) throws(SystemError) {
        guard let generation = try currentGeneration(of: name) else { return }
        try Self.apply(access, in: folder(of: generation))
    }

    private static func apply(_ access: KeyAccess, in folder: String) throws(SystemError) {
        for name in [FileName.key, FileName.identity] {
            try FileContent.setAccess(
                to: "\(folder)/\(name)",
                mode: access.mode,
                userID: access.userID,
                groupID: access.groupID
            )
        }
    }

    /// Remembers that the consumer of a name's current identity has been told of it.
    package func markReloaded(_ name: String) throws(SystemError) {
        guard let generation = try currentGeneration(of: name) else { return }
        let path = "\(folder(of: generation))/\(FileName.reloaded)"
        do throws(SystemError) {
            try FileContent.write([], toNew: path, mode: 0o644)
        } catch {
            guard error.code == EEXIST else { throw error }
        }
    }

    /// Whether the consumer of a name's current identity has been told of it.
    package func isReloaded(_ name: String) -> Bool {
        guard let generation = try? currentGeneration(of: name) else { return false }
        return unsafe access("\(folder(of: generation))/\(FileName.reloaded)", F_OK) == 0
    }

    private func write(
        _ identity: HeldIdentity,
        to folder: String,
        isPrivate: Bool,
        _ access: KeyAccess?
    ) throws(SystemError) {
        try Folder.make(folder, mode: isPrivate ? 0o700 : 0o755)
        let open: mode_t = isPrivate ? 0o600 : 0o644
        let chain = Array(identity.chainPEM.utf8)
        let key = Array(identity.key.pemPKCS8.utf8)
        try FileContent.write(key, toNew: "\(folder)/\(FileName.key)", mode: 0o600)
        try FileContent.write(chain, toNew: "\(folder)/\(FileName.certificate)", mode: open)
        try FileContent.write(key + chain, toNew: "\(folder)/\(FileName.identity)", mode: 0o600)
        try FileContent.write(identity.note.json, toNew: "\(folder)/\(FileName.note)", mode: open)
        if let access { try Self.apply(access, in: folder) }
        try Folder.sync(folder)
    }

    private func checkLink(of name: String) throws {
        do throws(SystemError) {
            _ = try SymbolicLink.target(of: link(of: name))
        } catch {
            guard error.code == EINVAL else { throw error }
            throw DirectoryError(
                .occupied,
                "\(link(of: name)) is there and no link of the agent's; move it away so that the agent can put its own there"
            )
        }
    }
}
