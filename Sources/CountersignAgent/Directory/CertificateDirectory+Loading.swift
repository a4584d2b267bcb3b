import CountersignFiles
import CountersignPKI
import CountersignTransport
import Glibc

extension CertificateDirectory {
    /// The identity that a name has; nil when it has none yet.
    ///
    /// - Parameters:
    ///   - name: the name of the service.
    ///   - access: who may read the private key; nil for this process's user alone.
    /// - Throws: ``DirectoryError`` with `occupied`, `damaged` or `exposedKey`.
    package func load(_ name: String, access: KeyAccess? = nil) throws(DirectoryError) -> HeldIdentity? {
        let generation: Generation
        do throws(SystemError) {
            guard let current = try currentGeneration(of: name) else { return nil }
            generation = current
        } catch {
            throw DirectoryError(.occupied, "\(link(of: name)) is no link of the agent's: \(error)")
        }
        let folder = folder(of: generation)
        let key = try key(in: folder, allowed: (access ?? KeyAccess()).mode)
        let certificates = try certificates(in: folder)
        let identity: HeldIdentity
        do throws(PKIError) {
            identity = try HeldIdentity(key: key.key, certificates: certificates, note: note(in: folder, certificates))
        } catch {
            throw DirectoryError(.damaged, "\(folder): \(error)")
        }
        // What was readable may have been copied.
        guard !key.isExposed else {
            throw DirectoryError(
                .exposedKey,
                "others than the owner could read \(folder)/\(FileName.key); the key is not used any more"
            )
        }
        return identity
    }

    /// The trust bundle; nil when there is none that can be read.
    package func bundle() -> [UInt8]? {
        try? FileContent.read(bundlePath, maximumBytes: PEMDocuments.maximumSize).bytes
    }

    /// The revocation lists; nil when there are none that can be read.
    package func revocationLists() -> [UInt8]? {
        try? FileContent.read(revocationListsPath, maximumBytes: 2 * RevocationList.maximumSize).bytes
    }

    private func key(in folder: String, allowed: mode_t) throws(DirectoryError) -> (key: PrivateKey, isExposed: Bool) {
        let path = "\(folder)/\(FileName.key)"
        do {
            let file = try FileContent.read(path, maximumBytes: Self.maximumBytes)
            return (try PrivateKey(pem: file.bytes), file.permissions & 0o077 & ~allowed != 0)
        } catch {
            throw DirectoryError(.damaged, "\(path): \(error)")
        }
    }

    private func certificates(in folder: String) throws(DirectoryError) -> [ParsedCertificate] {
        let path = "\(folder)/\(FileName.certificate)"
        do {
            return try CertificateChain(pem: FileContent.read(path, maximumBytes: Self.maximumBytes).bytes).certificates
        } catch {
            throw DirectoryError(.damaged, "\(path): \(error)")
        }
    }

    private func note(in folder: String, _ certificates: [ParsedCertificate]) -> IdentityNote {
        let json = try? FileContent.read("\(folder)/\(FileName.note)", maximumBytes: Self.maximumBytes).bytes
        if let note = json.flatMap(IdentityNote.init(json:)) { return note }
        let start = (certificates.first?.notBefore ?? 0) * 1000
        return IdentityNote(obtainedAt: start, keyMadeAt: start)
    }

    private static let maximumBytes = 1024 * 1024
}
